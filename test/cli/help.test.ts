import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { parseArgs } from '../../src/cli/args.js'
import { fixedText } from '../../src/cli/help.js'
import { namedIn } from './support/namedIn.js'
import { rxtorrent } from './support/rxtorrent.js'

const COMMANDS = ['download', 'seed', 'create', 'info', 'magnet', 'scrape', 'verify', 'dht', 'demo']

const asParsed = (argv: ReadonlyArray<string>): string => {
  const parsed = parseArgs(argv, manifest.version)
  if (parsed._tag !== 'Help') throw new Error(`${argv.join(' ')} is no question`)
  return parsed.text
}

describe('fixedText', () => {
  it('has the help of every command', () => {
    expect(namedIn(asParsed(['--help']))).toEqual(COMMANDS)
    expect(namedIn(asParsed(['dht', '--help']))).toEqual(['get', 'put'])
    for (const command of [...COMMANDS.map((name) => [name]), ['dht', 'get'], ['dht', 'put']])
      expect(fixedText([...command, '-h'])).toBe(asParsed([...command, '--help']))
  })

  it.each([
    ['download', 'a.torrent', '--help'],
    ['dht get', '--help'],
    ['--help', 'download'],
    ['fetch', '--help'],
    ['constructor'],
    [],
  ])('leaves the rest to the parser: %j', (...argv) => {
    expect(fixedText(argv.flat())).toBeUndefined()
  })

  const word = fc.constantFrom(...COMMANDS, 'get', 'put', '--help', '-h', '--version', '-V', '--', 'x', '')
  test.prop([fc.array(word, { maxLength: 4 })])('says what the parser says', (argv) => {
    const text = fixedText(argv)
    if (text !== undefined) expect(text).toBe(asParsed(argv))
  })
})

describe('rxtorrent --help', () => {
  it.each([
    ['-h'],
    ...COMMANDS.map((command) => [command, '--help']),
    ['dht', 'get', '--help'],
    ['dht', 'put', '-h'],
    ['seed', 'x', '--help'],
  ])('says what the parser says: %j', async (...argv) => {
    expect(await rxtorrent(argv)).toEqual({ code: 0, stdout: `${asParsed(argv)}\n`, stderr: '' })
  })
})
