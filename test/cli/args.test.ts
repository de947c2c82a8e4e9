import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { parseArgs } from '../../src/cli/args.js'
import type { Parsed } from '../../src/cli/args.js'

const parse = (line: string): Parsed => parseArgs(line.split(' ').filter(Boolean), '1.2.3')

const actionOf = (line: string): unknown => {
  const parsed = parse(line)
  return parsed._tag === 'Run' ? parsed.action : parsed
}

describe('parseArgs', () => {
  it('reads what is to be done with the DHT', () => {
    expect(actionOf('download a.torrent --no-dht')).toMatchObject({ dht: 'none' })
    expect(actionOf('seed a.torrent --data d --dht-bootstrap a:1 --dht-bootstrap [::1]:2')).toMatchObject({
      dht: {
        bootstrap: [
          { host: 'a', port: 1 },
          { host: '::1', port: 2 },
        ],
      },
    })
    expect(actionOf(`dht get ${'ab'.repeat(20)} --json`)).toEqual({
      _tag: 'DhtGet',
      target: new Uint8Array(20).fill(0xab),
      salt: '',
      bootstrap: [],
      json: true,
      quiet: false,
    })
    expect(actionOf(`dht get ${'AB'.repeat(32)} --salt s --dht-bootstrap a:1 -q`)).toMatchObject({
      target: new Uint8Array(32).fill(0xab),
      salt: 's',
      bootstrap: [{ host: 'a', port: 1 }],
      quiet: true,
    })
    expect(actionOf('dht put hello')).toMatchObject({ _tag: 'DhtPut', value: 'hello', keyFile: undefined })
    expect(actionOf('dht put hello --key my.key')).toMatchObject({ keyFile: 'my.key' })
  })

  it.each(['dht', 'dht get', 'dht get abc', 'dht put', `dht put x --salt ${'s'.repeat(65)}`, 'dht vote'])(
    'does not understand %s',
    (line) => {
      expect(parse(line)._tag).toBe('Misuse')
    },
  )

  it('reads a download', () => {
    expect(actionOf('download a.torrent')).toEqual({
      _tag: 'Transfer',
      role: 'download',
      file: 'a.torrent',
      directory: '.',
      seed: false,
      peers: [],
      dht: { bootstrap: [] },
      useTrackers: true,
      port: 0,
      down: Infinity,
      up: Infinity,
      seedRatio: undefined,
      seedSeconds: undefined,
      recheck: false,
      pex: true,
      webSeeds: true,
      encryption: 'allowed',
      utp: 'fallback',
      lsd: true,
      portMapping: true,
      timeoutSeconds: undefined,
      select: [],
      isSequential: false,
      onConflict: 'use',
      sync: 'system',
      json: false,
      quiet: false,
    })
    expect(
      actionOf(
        'download a.torrent -o out --peer 127.0.0.1:1 --peer [::1]:2 --peer localhost:3 --port 65535 --seed --timeout 1.5 --json -q',
      ),
    ).toEqual({
      _tag: 'Transfer',
      role: 'download',
      file: 'a.torrent',
      directory: 'out',
      seed: true,
      peers: [
        { host: '127.0.0.1', port: 1 },
        { host: '::1', port: 2 },
        { host: 'localhost', port: 3 },
      ],
      dht: { bootstrap: [] },
      useTrackers: true,
      port: 65_535,
      down: Infinity,
      up: Infinity,
      seedRatio: undefined,
      seedSeconds: undefined,
      recheck: false,
      pex: true,
      webSeeds: true,
      encryption: 'allowed',
      utp: 'fallback',
      lsd: true,
      portMapping: true,
      timeoutSeconds: 1.5,
      select: [],
      isSequential: false,
      onConflict: 'use',
      sync: 'system',
      json: true,
      quiet: true,
    })
  })

  it('reads what to fetch, how fast, and for how long to seed', () => {
    expect(
      actionOf(
        'download a.torrent --select 1-2,*.mkv --select 7 --sequential --down 1.5M --up 500KiB/s --recheck --no-pex --no-web-seeds --encryption required --utp preferred --no-lsd --no-port-mapping --on-conflict rename --sync',
      ),
    ).toMatchObject({
      select: [
        { _tag: 'Numbers', first: 1, last: 2 },
        { _tag: 'Pattern', text: '*.mkv' },
        { _tag: 'Numbers', first: 7, last: 7 },
      ],
      isSequential: true,
      down: 1_572_864,
      up: 512_000,
      recheck: true,
      pex: false,
      webSeeds: false,
      encryption: 'required',
      utp: 'preferred',
      lsd: false,
      portMapping: false,
      onConflict: 'rename',
      sync: 'device',
      seed: false,
    })
    expect(actionOf('download a.torrent --seed-ratio 1.5')).toMatchObject({ seed: true, seedRatio: 1.5 })
    expect(actionOf('seed a.torrent --data d --seed-time 30m')).toMatchObject({ seedSeconds: 1800 })
  })

  it.each([
    '--down 0',
    '--down fast',
    '--up -1',
    '--up 1T',
    '--select 0',
    '--select 3-1',
    '--select ,',
    '--seed-ratio 0',
    '--seed-time 0',
    '--seed-time 5w',
    '--on-conflict ask',
    '--encryption always',
  ])('refuses %s', (options) => {
    expect(parse(`download a.torrent ${options}`)).toMatchObject({ _tag: 'Misuse' })
  })

  it('reads a seed, options before the file too', () => {
    expect(actionOf('seed --json --port 6881 --data d a.torrent')).toMatchObject({
      _tag: 'Transfer',
      role: 'seed',
      file: 'a.torrent',
      directory: 'd',
      seed: true,
      port: 6881,
      json: true,
    })
  })

  it('reads a create', () => {
    expect(actionOf('create p -o p.torrent')).toEqual({
      _tag: 'Create',
      path: 'p',
      output: 'p.torrent',
      announce: [],
      pieceLength: undefined,
      isPrivate: false,
      force: false,
      json: false,
      quiet: false,
    })
    expect(
      actionOf(
        'create p -o p.torrent --announce http://a/x --announce udp://b:1 --piece-length 256K --private --force',
      ),
    ).toMatchObject({
      announce: ['http://a/x', 'udp://b:1'],
      pieceLength: 262_144,
      isPrivate: true,
      force: true,
    })
  })

  it('reads a scrape, and transfers without trackers', () => {
    expect(actionOf('scrape a.torrent')).toEqual({
      _tag: 'Scrape',
      file: 'a.torrent',
      json: false,
      quiet: false,
    })
    expect(actionOf('download a.torrent --no-trackers')).toMatchObject({ useTrackers: false })
    expect(actionOf('seed a.torrent --data d --no-trackers')).toMatchObject({ useTrackers: false })
  })

  it('reads info, verify and demo', () => {
    expect(actionOf('info a.torrent --json')).toEqual({
      _tag: 'Info',
      file: 'a.torrent',
      json: true,
      quiet: false,
    })
    expect(actionOf('verify a.torrent --data d')).toEqual({
      _tag: 'Verify',
      file: 'a.torrent',
      directory: 'd',
      select: [],
      json: false,
      quiet: false,
    })
    expect(actionOf('verify a.torrent --data d --select 1-3,*.mkv')).toMatchObject({
      select: [
        { _tag: 'Numbers', first: 1, last: 3 },
        { _tag: 'Pattern', text: '*.mkv' },
      ],
    })
    expect(actionOf('seed a.torrent --data d --select 2-')).toMatchObject({
      role: 'seed',
      select: [{ _tag: 'Numbers', first: 2, last: Infinity }],
    })
    expect(actionOf('demo')).toEqual({ _tag: 'Demo', quiet: false })
  })

  it('does not remember options from one line to the next', () => {
    parse('download a.torrent --peer 127.0.0.1:1')
    expect(actionOf('download a.torrent')).toMatchObject({ peers: [] })
  })

  it('answers --version and --help', () => {
    expect(parse('--version')).toEqual({ _tag: 'Help', text: '1.2.3' })
    const help = parse('--help')
    expect(help._tag).toBe('Help')
    for (const word of ['download', 'seed', 'create', 'info', 'scrape', 'verify', 'demo', 'Exit codes'])
      expect(help).toHaveProperty('text', expect.stringContaining(word))
    expect(parse('download --help')).toMatchObject({
      _tag: 'Help',
      text: expect.stringContaining('--peer') as string,
    })
  })

  it('wraps help to the width it is given', () => {
    const widest = (help: Parsed): number =>
      help._tag === 'Help' ? Math.max(...help.text.split('\n').map((line) => line.length)) : 0
    expect(widest(parseArgs(['scrape', '--help'], '1.2.3'))).toBeGreaterThan(60)
    expect(widest(parseArgs(['scrape', '--help'], '1.2.3'))).toBeLessThanOrEqual(80)
    expect(widest(parseArgs(['scrape', '--help'], '1.2.3', 60))).toBeLessThanOrEqual(60)
  })

  it.each([
    '',
    'fetch a.torrent',
    'download',
    'download a.torrent b.torrent',
    'download a.torrent --peer 127.0.0.1',
    'download a.torrent --peer 127.0.0.1:0',
    'download a.torrent --peer 127.0.0.1:70000',
    'download a.torrent --peer ::1:6881',
    'download a.torrent --peer [nonsense]:6881',
    'download a.torrent --peer http://x:80',
    'download a.torrent --port -1',
    'download a.torrent --port 65536',
    'download a.torrent --port 0x10',
    'download a.torrent --timeout 0',
    'download a.torrent --timeout soon',
    'download a.torrent --unknown',
    'seed a.torrent',
    'seed a.torrent --data',
    'create p',
    'create p -o o --piece-length 100000',
    'create p -o o --piece-length 8K',
    'create p -o o --piece-length 999999999M',
    'create p -o o --announce nonsense',
    'create p -o o --announce file:///etc/passwd',
    'verify a.torrent',
    'info',
    'verify magnet:?xt=urn:btih:x --data d',
    'magnet magnet:?xt=urn:btih:x',
    'download https://a.example/a.torrent',
    'verify - --data d',
  ])('does not understand "%s"', (line) => {
    const parsed = parse(line)
    expect(parsed._tag).toBe('Misuse')
    expect(parsed).toHaveProperty('text', expect.stringMatching(/^\S.* \(see rxtorrent( [a-z]+)? --help\)$/))
  })

  it.each([
    ['download a.torrent --bogus', "unknown option '--bogus' (see rxtorrent download --help)"],
    [
      'verify a.torrent --dat d',
      "unknown option '--dat' (Did you mean --data?) (see rxtorrent verify --help)",
    ],
    ['verify a.torrent', "required option '--data <dir>' not specified (see rxtorrent verify --help)"],
    [
      'create p --private',
      "required option '-o, --output <file.torrent>' not specified (see rxtorrent create --help)",
    ],
    ['download a.torrent --sync=yes', "option '--sync' takes no value (see rxtorrent download --help)"],
    ['download a.torrent --no-dht=1', "option '--no-dht' takes no value (see rxtorrent download --help)"],
    ['dht get --json=1 abc', "option '--json' takes no value (see rxtorrent dht get --help)"],
    ['download a.torrent --bogus -- --sync=yes', "unknown option '--bogus' (see rxtorrent download --help)"],
    ['download a.torrent --synk=yes', "unknown option '--synk=yes' (see rxtorrent download --help)"],
    ['bogus', "unknown command 'bogus' (see rxtorrent --help)"],
    [
      'seed a.torrent --data d --port y',
      "option '--port <n>' argument 'y' is invalid. Expected a port from 0 (any) to 65535 (see rxtorrent seed --help)",
    ],
    ['seed magnet:?xt=x --data d', 'give a .torrent file, not a magnet link (see rxtorrent seed --help)'],
    ['info http://a/b.torrent', 'give a file, not a URL (see rxtorrent info --help)'],
  ])('says of "%s" what is wrong', (line, text) => {
    expect(parse(line)).toEqual({ _tag: 'Misuse', text })
  })

  it('takes a magnet link for a download, and for info', () => {
    expect(actionOf('download magnet:?xt=x --save-torrent a.torrent')).toMatchObject({
      _tag: 'Transfer',
      file: 'magnet:?xt=x',
      saveTorrent: 'a.torrent',
    })
    expect(actionOf('info MAGNET:?xt=x')).toMatchObject({ _tag: 'Info', file: 'MAGNET:?xt=x' })
    expect(actionOf('magnet a.torrent --json')).toMatchObject({
      _tag: 'Magnet',
      file: 'a.torrent',
      json: true,
    })
  })

  it('lets nothing of the command line steer the terminal', () => {
    expect(parse('info --\u001b[31m')).toHaveProperty('text', expect.not.stringContaining('\u001b'))
  })

  it('shows no defaults that are none', () => {
    expect(parse('download --help')).not.toHaveProperty('text', expect.stringContaining('[]'))
  })

  test.prop([fc.array(fc.string(), { maxLength: 8 })])('never throws', (argv) => {
    expect(['Run', 'Help', 'Misuse']).toContain(parseArgs(argv, '1')._tag)
  })
})
