import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { parseArgs } from '../../src/cli/args.js'
import { plainArgs } from '../../src/cli/plainArgs.js'

const word = fc.constantFrom(
  ...['info', 'magnet', 'verify', 'a.torrent', 'magnet:?xt=urn:btih:x', 'http://a/b', '-', '--', ''],
  ...['--json', '-q', '--quiet', '--help', '-h', '--version'],
)

describe('plainArgs', () => {
  it('reads what needs no parser', () => {
    expect(plainArgs(['info', 'a.torrent'])).toEqual({
      _tag: 'Info',
      file: 'a.torrent',
      json: false,
      quiet: false,
    })
    expect(plainArgs(['magnet', 'a.torrent', '--json'])).toMatchObject({ _tag: 'Magnet', json: true })
    expect(plainArgs(['info', 'magnet:?xt=urn:btih:x'])).toMatchObject({ _tag: 'Info' })
  })

  it.each([
    ['info'],
    ['info', '-q', 'a.torrent'],
    ['info', 'a.torrent', 'b.torrent'],
    ['info', 'http://a/b.torrent'],
    ['magnet', 'magnet:?xt=urn:btih:x'],
    ['verify', 'a.torrent'],
    ['--help'],
    [],
  ])('leaves %j to the parser', (...args) => {
    expect(plainArgs(args.flat())).toBeUndefined()
  })

  const anyText = fc.oneof(word, fc.string())
  test.prop([
    fc.oneof(fc.array(anyText, { maxLength: 4 }), fc.tuple(fc.constantFrom('info', 'magnet'), anyText)),
  ])('never comes to anything else than the parser', (args) => {
    const action = plainArgs(args)
    if (action !== undefined) expect(parseArgs(args, '1.2.3')).toEqual({ _tag: 'Run', action })
  })
})
