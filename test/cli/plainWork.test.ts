import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { parseArgs } from '../../src/cli/args.js'
import { plainWork } from '../../src/cli/plainWork.js'

const option = fc.constantFrom(
  ...[
    '--json',
    '-q',
    '--quiet',
    '--seed',
    '--sync',
    '--private',
    '--force',
    '--no-dht',
    '--no-lsd',
    '--no-trackers',
  ],
  ...['--no-pex', '--no-web-seeds', '--no-port-mapping', '--help', '--', '--dht', '-qo', '--recheck'],
)
const valued = fc.tuple(
  fc.constantFrom(
    ...['-o', '--output', '--data', '--peer', '--port', '--announce', '--piece-length', '--down', '--utp'],
  ),
  fc.constantFrom(
    ...[
      'out',
      '192.0.2.1:6881',
      '[::1]:1',
      '6881',
      '0',
      '70000',
      'http://a/announce',
      '1M',
      '',
      '-',
      '--json',
    ],
  ),
)
const file = fc.constantFrom('a.torrent', 'magnet:?xt=urn:btih:x', 'http://a/b', '', '-')
const words = fc
  .array(
    fc.oneof(
      option.map((word) => [word]),
      valued,
      file.map((word) => [word]),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.flat())
const command = fc.constantFrom('download', 'seed', 'verify', 'create', 'info', 'scrape', '')

describe('plainWork', () => {
  it.each([
    'download a.torrent -o out --peer 192.0.2.1:6881 --peer localhost:1 --no-dht --no-lsd --no-port-mapping --json',
    'download magnet:?xt=urn:btih:x --seed --no-trackers --no-pex --no-web-seeds --quiet',
    'seed --data . a.torrent --port 6881 -q',
    'verify a.torrent --data . --quiet',
    'create path -o a.torrent --announce http://a/announce --announce udp://b:1 --piece-length 1M --private --force',
  ])('reads %s', (line) => {
    const action = plainWork(line.split(' '))
    expect(action).toBeDefined()
    expect(parseArgs(line.split(' '), '1')).toEqual({ _tag: 'Run', action })
  })

  it.each([
    'download',
    'download a.torrent b.torrent',
    'download a.torrent --output=out',
    'download a.torrent -o',
    'download a.torrent -o --json',
    'download a.torrent --peer nowhere',
    'download a.torrent --save-torrent b.torrent',
    'download http://a/b.torrent',
    'download --help',
    'seed magnet:?xt=urn:btih:x --data .',
    'seed a.torrent',
    'verify a.torrent',
    'create path',
    'create path -o a.torrent --piece-length 3',
    'info a.torrent',
    'toString a.torrent',
    '',
  ])('leaves “%s” to the parser', (line) => {
    expect(plainWork(line.split(' '))).toBeUndefined()
  })

  test.prop([command, words])('comes to what the parser comes to', (word, others) => {
    const action = plainWork([word, ...others])
    if (action !== undefined) expect(parseArgs([word, ...others], '1')).toEqual({ _tag: 'Run', action })
  })
})
