import { execFileSync } from 'node:child_process'
import { closeSync, constants, createReadStream, existsSync, openSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { bencode } from '../support/bencode.js'
import { makeTorrent, writeFiles } from '../support/makeTorrent.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'
import { tempDir } from '../support/tempDir.js'
import { rxtorrent, start, type Running } from './support/rxtorrent.js'

const oneLine = /^rxtorrent: [^\n]+\n$/
const rawControl = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/

const saveTorrent = async (folder: string, bytes: Uint8Array): Promise<string> => {
  const path = join(folder, 'test.torrent')
  await writeFile(path, bytes)
  return path
}

describe('rxtorrent', () => {
  it.each(['--version', '-V'])('tells its version: %s', async (option) => {
    expect(await rxtorrent([option])).toEqual({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })

  it('tells how to use it', async () => {
    const help = await rxtorrent(['download', '--help'])
    expect(help).toMatchObject({ code: 0, stderr: '' })
    expect(help.stdout).toContain('--peer')
  })

  it.each([[], ['nonsense'], ['download'], ['download', 'x', '--port', 'y']])(
    'refuses %j with 2',
    async (...args) => {
      const { code, stdout, stderr } = await rxtorrent(args.flat())
      expect(code).toBe(2)
      expect(stdout).toBe('')
      expect(stderr).toMatch(oneLine)
    },
  )
})

describe('rxtorrent create', () => {
  it('makes what info and verify understand', async () => {
    const folder = await tempDir()
    await mkdir(join(folder, 'album', 'more'), { recursive: true })
    const files = {
      'a.bin': Buffer.alloc(50_000, 1),
      empty: Buffer.alloc(0),
      'more/b.bin': Buffer.alloc(70_000, 2),
    }
    for (const [name, bytes] of Object.entries(files)) await writeFile(join(folder, 'album', name), bytes)

    const made = await rxtorrent(
      [
        'create',
        'album',
        '-o',
        'album.torrent',
        '--announce',
        'http://a.example/announce',
        '--announce',
        'udp://b.example:1',
        '--piece-length',
        '32K',
        '--private',
      ],
      { cwd: folder },
    )
    expect(made).toMatchObject({ code: 0, stdout: '' })
    expect(made.stderr).toContain('seed album.torrent --data .')

    const shown = await rxtorrent(['info', 'album.torrent', '--json'], { cwd: folder })
    expect(shown).toMatchObject({ code: 0, stderr: '' })
    expect(JSON.parse(shown.stdout)).toEqual({
      name: 'album',
      infoHash: { v1: expect.stringMatching(/^[0-9a-f]{40}$/) as string, v2: null },
      files: [
        { path: 'album/a.bin', length: 50_000 },
        { path: 'album/empty', length: 0 },
        { path: 'album/more/b.bin', length: 70_000 },
      ],
      pieceLength: 32_768,
      pieceCount: 4,
      totalSize: 120_000,
      private: true,
      trackers: [['http://a.example/announce'], ['udp://b.example:1']],
      webSeeds: [],
    })

    expect(await rxtorrent(['verify', 'album.torrent', '--data', '.'], { cwd: folder })).toMatchObject({
      code: 0,
    })
    await writeFile(join(folder, 'album', 'more', 'b.bin'), Buffer.alloc(70_000, 3))
    const damaged = await rxtorrent(['verify', 'album.torrent', '--data', '.'], { cwd: folder })
    expect(damaged.code).toBe(6)
    expect(damaged.stderr).toContain('album/more/b.bin')
    expect(damaged.stderr).toMatch(/rxtorrent: album: of 4 pieces, 3 are damaged and 0 are missing\n$/)
    const json = await rxtorrent(['verify', 'album.torrent', '--data', '.', '--json'], { cwd: folder })
    expect(json.code).toBe(6)
    expect(
      json.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as object)
        .at(-1),
    ).toEqual({
      event: 'verified',
      pieceCount: 4,
      wantedPieces: 4,
      checkedPieces: 4,
      havePieces: 1,
      wrongPieces: 3,
      missingPieces: 0,
      damagedFiles: ['album/a.bin', 'album/more/b.bin'],
      longFiles: [],
      leftOutFiles: [],
    })
  })

  it('overwrites nothing unless forced', async () => {
    const folder = await tempDir()
    const file = join(folder, 'file')
    await writeFile(file, 'some bytes')
    expect((await rxtorrent(['create', file, '-o', file])).stderr).toMatch(oneLine)
    expect(await readFile(file, 'utf8')).toBe('some bytes')
    const out = join(folder, 'out.torrent')
    await writeFile(out, 'old')
    expect((await rxtorrent(['create', file, '-o', out])).code).toBe(5)
    expect((await rxtorrent(['create', file, '-o', out, '--force', '-q'])).code).toBe(0)
    expect((await rxtorrent(['info', out])).code).toBe(0)
    expect(await readdir(folder)).toEqual(['file', 'out.torrent'])
  })

  it('says in one line what it cannot do', async () => {
    const folder = await tempDir()
    await mkdir(join(folder, 'empty'))
    await writeFile(join(folder, 'file'), 'some bytes')
    for (const [path, out] of [
      ['absent', 'out'],
      ['empty', 'out'],
      ['file', join('no', 'such', 'folder')],
    ] as const) {
      const { code, stdout, stderr } = await rxtorrent(['create', path, '-o', out], { cwd: folder })
      expect(code).toBe(5)
      expect(stdout).toBe('')
      expect(stderr).toMatch(oneLine)
    }
    expect(await readdir(folder)).toEqual(['empty', 'file'])
  })

  it.skipIf(process.platform === 'win32')('names what cannot be in a torrent', async () => {
    const folder = await tempDir()
    const name = (...path: ReadonlyArray<string>): string => join(folder, ...path)
    for (const path of ['controls', 'link', join('pipe', 'below')])
      await mkdir(name(path), { recursive: true })
    await writeFile(name('controls', 'a\u0001b'), 'x')
    await symlink('nowhere', name('link', 'l'))
    execFileSync('mkfifo', [name('pipe', 'below', 'p')])
    const said = async (path: string): Promise<string> => {
      const { code, stderr } = await rxtorrent(['create', path, '-o', 'out'], { cwd: folder })
      expect(code).toBe(5)
      expect(stderr).toMatch(oneLine)
      return stderr
    }
    expect(await said('controls')).toContain('controls/a\\u{01}b has control characters')
    expect(await said('link')).toContain('link/l is a symlink')
    expect(await said('pipe')).toContain('pipe/below/p is neither a file nor a folder')
    expect(await said('absent')).toBe('rxtorrent: cannot read absent: no such file or folder\n')
  })

  it('names files that some systems cannot tell apart', async (context) => {
    const folder = await tempDir()
    await mkdir(join(folder, 't', 'below'), { recursive: true })
    for (const name of ['y', 'Y']) await writeFile(join(folder, 't', 'below', name), 'x')
    if ((await readdir(join(folder, 't', 'below'))).length < 2) context.skip()
    const { code, stderr } = await rxtorrent(['create', 't', '-o', 'out'], { cwd: folder })
    expect(code).toBe(5)
    expect(stderr).toContain('t/below/Y and t/below/y differ only in case')
  })

  it('prints progress and the torrent for programs, the last word and remarks for people', async () => {
    const folder = await tempDir()
    await writeFile(join(folder, 'file'), 'some bytes')
    const args = ['create', 'file', '-o', 'f.torrent', '--json', '--announce', 'wss://a.example:1/key']
    const { code, stdout, stderr } = await rxtorrent(args, { cwd: folder })
    expect(code).toBe(0)
    const events = stdout.trim().split('\n')
    expect(events.map((line) => JSON.parse(line) as object)).toMatchObject([
      { event: 'progress', hashedPieces: 0 },
      { event: 'progress', hashedPieces: 1, pieceCount: 1 },
      { event: 'created', path: 'f.torrent', name: 'file' },
    ])
    expect(stderr).toMatch(/^tracker wss:\/\/a\.example:1: [^\n]+\nf\.torrent: 10 B in 1 piece\n$/)
    const bare = await rxtorrent(['create', 'file', '-o', 'g.torrent'], { cwd: folder })
    expect(bare.stderr).toContain('no tracker in it: it is found in the DHT and on the local network only')
    const hidden = await rxtorrent(['create', 'file', '-o', 'h.torrent', '--private'], { cwd: folder })
    expect(hidden.stderr).toContain('private, and no tracker in it: who downloads it has to name a peer')
  })
})

describe('rxtorrent info', () => {
  it('lets nothing of a torrent steer the terminal', async () => {
    const folder = await tempDir()
    const evil = 'x\u001b]0;owned\u0007\u009b2J\u202egpj\u2028'
    const bytes = bencode({
      announce: `http://a.example/\u001b[31m${evil}`,
      comment: evil,
      'created by': evil,
      info: { length: 5, name: evil, 'piece length': 16_384, pieces: Buffer.alloc(20) },
    })
    const path = await saveTorrent(folder, bytes)
    for (const args of [
      ['info', path],
      ['info', path, '--json'],
    ]) {
      const { code, stdout, stderr } = await rxtorrent(args)
      expect(code).toBe(0)
      expect(stdout + stderr).not.toMatch(rawControl)
    }
  })

  it.each(['info', 'magnet'])('says the same where the line needs the parser: %s', async (command) => {
    const path = await saveTorrent(await tempDir(), makeTorrent({ pieceLength: 16_384, files: 9 }).bytes)
    const magnet = (await rxtorrent(['magnet', path])).stdout.trim()
    for (const file of command === 'info' ? [path, magnet] : [path]) {
      const plain = await rxtorrent([command, file, '--json'])
      expect(plain).toMatchObject({ code: 0, stderr: '' })
      expect(JSON.parse(plain.stdout)).toBeTypeOf('object')
      expect(await rxtorrent([command, '--json', '-q', file])).toEqual(plain)
      expect(await rxtorrent([command, '-q', file])).toEqual(await rxtorrent([command, file]))
    }
  })

  const longTorrent = async (): Promise<string> =>
    saveTorrent(
      await tempDir(),
      makeTorrent({ pieceLength: 16_384, files: Array<number>(5_000).fill(1) }).bytes,
    )

  it('survives a reader that goes away', async () => {
    const path = await longTorrent()
    const info = start(['info', path])
    info.closeStdout()
    expect(await info.ended).toMatchObject({ code: 0, stderr: '' })
  })

  describe.skipIf(process.platform === 'win32')('into a pipe that refuses what it has no room for', () => {
    /**
     * Nothing of it is read before the pipe is full. The command opens it itself, since whoever starts a program has its
     * output wait.
     */
    const startInto = async (
      torrent: string,
    ): Promise<{ readonly info: Running; readonly pipe: string; readonly leave: () => void }> => {
      const folder = await tempDir()
      const [pipe, opener] = [join(folder, 'pipe'), join(folder, 'opener.cjs')]
      execFileSync('mkfifo', [pipe])
      await writeFile(
        opener,
        `const { closeSync, constants, openSync } = require('node:fs')
        closeSync(1)
        openSync(${JSON.stringify(pipe)}, constants.O_WRONLY | constants.O_NONBLOCK)`,
      )
      const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK)
      const info = start(['info', torrent], { env: { NODE_OPTIONS: `--require=${opener}` } })
      await setTimeout(700)
      const leave = (): void => {
        closeSync(reader)
      }
      return { info, pipe, leave }
    }

    it('waits for a slow reader', async () => {
      const path = await longTorrent()
      const { info, pipe, leave } = await startInto(path)
      const [told, ended] = await Promise.all([text(createReadStream(pipe)), info.ended])
      leave()
      expect(ended).toMatchObject({ code: 0, stderr: '' })
      expect(told).toBe((await rxtorrent(['info', path])).stdout)
    })

    it('survives a reader that goes away', async () => {
      const { info, leave } = await startInto(await longTorrent())
      leave()
      expect(await info.ended).toMatchObject({ code: 0, stderr: '' })
    })
  })

  it.skipIf(!existsSync('/dev/full'))('ends the same where its complaint cannot be written', async () => {
    const folder = await tempDir()
    const bad = await saveTorrent(folder, Buffer.from('bad'))
    const full = openSync('/dev/full', 'w')
    for (const [command, path, code] of [
      ['info', join(folder, 'absent'), 5],
      ['magnet', bad, 3],
    ] as const)
      expect(await rxtorrent([command, path], { stderr: full })).toMatchObject({ code, stdout: '' })
    closeSync(full)
  })

  it.skipIf(!existsSync('/dev/full'))('says so where its output cannot be written', async () => {
    const path = await saveTorrent(await tempDir(), makeTorrent({ pieceLength: 16_384, files: 9 }).bytes)
    const full = openSync('/dev/full', 'w')
    const { code, stderr } = await rxtorrent(['info', path], { stdout: full })
    closeSync(full)
    expect(code).toBe(5)
    expect(stderr).toMatch(oneLine)
  })

  const huge = bencode({
    info: { length: 2 ** 50, name: 'x', 'piece length': 16_384, pieces: Buffer.alloc(20) },
  })
  it.each<readonly [string, Uint8Array]>([
    ['an empty file', new Uint8Array()],
    ['a web page', Buffer.from('<!doctype html><title>log in</title>')],
    ['a cut torrent', makeTorrent({ pieceLength: 16_384, files: 50_000 }).bytes.subarray(0, 90)],
    [
      'a torrent with something behind it',
      Buffer.concat([makeTorrent({ pieceLength: 16_384, files: 9 }).bytes, Buffer.from('x')]),
    ],
    ['a negative string length', Buffer.from('d4:infol-3:e')],
    ['a string longer than the file', Buffer.from('d4:info99999999999:x')],
    ['a million open lists', Buffer.alloc(1_000_000, 'l')],
    ['something too large', huge],
    ['no info', bencode({ announce: 'http://a.example/announce' })],
    [
      'a piece length of zero',
      bencode({ info: { length: 1, name: 'x', 'piece length': 0, pieces: Buffer.alloc(20) } }),
    ],
  ])('refuses %s with 3 and one line', async (_what, bytes) => {
    const path = await saveTorrent(await tempDir(), bytes)
    for (const args of [
      ['info', path],
      ['download', path, '--json'],
    ]) {
      const { code, stdout, stderr } = await rxtorrent(args)
      expect(code).toBe(3)
      expect(stdout).toBe('')
      expect(stderr).toMatch(oneLine)
    }
  })

  it.each<readonly [string, Uint8Array, string]>([
    ['a web page', Buffer.from('\ufeff\n <!doctype html>'), 'looks like a web page'],
    ['a compressed file', gzipSync('x'), 'gunzip it first'],
    ['nothing', new Uint8Array(), 'is empty'],
    ['a disk image', Buffer.alloc(10_000_001), '10 MB'],
  ])('knows %s when it sees it', async (_what, bytes, said) => {
    const { code, stderr } = await rxtorrent(['info', await saveTorrent(await tempDir(), bytes)])
    expect(code).toBe(3)
    expect(stderr).toMatch(oneLine)
    expect(stderr).toContain(said)
  })

  it.skipIf(process.platform === 'win32').each(['SIGINT', 'SIGTERM'] as const)(
    'ends at %s while it waits for its file',
    async (signal) => {
      const pipe = join(await tempDir(), 'pipe')
      execFileSync('mkfifo', [pipe])
      for (const args of [
        ['info', pipe],
        ['download', pipe],
      ]) {
        const waiting = start(args)
        // It may not listen to signals yet: then it dies of this one, which ends the same.
        await setTimeout(700)
        waiting.signal(signal)
        expect((await waiting.ended).code).toBe(signal === 'SIGINT' ? 130 : 143)
      }
    },
  )

  it('refuses what it cannot read with 5 and one line', async () => {
    const folder = await tempDir()
    for (const path of [folder, join(folder, 'absent'), join(folder, 'absent\u001b[31m')]) {
      const { code, stdout, stderr } = await rxtorrent(['info', path])
      expect(code).toBe(5)
      expect(stdout).toBe('')
      expect(stderr).toMatch(oneLine)
      expect(stderr).not.toMatch(rawControl)
    }
  })
})

describe('rxtorrent verify', () => {
  it('says so where nothing of the torrent is there', async () => {
    const folder = await tempDir()
    const torrent = makeTorrent({ pieceLength: 16_384, files: [10, 20] })
    const path = await saveTorrent(folder, torrent.bytes)
    expect(await rxtorrent(['verify', path, '--data', folder])).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(oneLine) as string,
    })
    await writeFiles(torrent, folder)
    const oneTooDeep = await rxtorrent(['verify', path, '--data', join(folder, 'data')])
    expect(oneTooDeep).toMatchObject({ code: 5, stderr: expect.stringContaining('did you mean') as string })
  })

  it('takes a v2-only torrent with its piece layers, and does not without', async () => {
    const files = [40_000, 5]
    const whole = makeV2Torrent({ pieceLength: 16_384, files })
    const folder = await tempDir()
    const path = await saveTorrent(folder, whole.bytes)
    await writeFiles(whole, folder)
    expect(await rxtorrent(['verify', path, '--data', folder])).toMatchObject({ code: 0 })
    const half = makeV2Torrent({ pieceLength: 16_384, files, hasLayers: false })
    const bare = await saveTorrent(await tempDir(), half.bytes)
    expect(await rxtorrent(['info', bare])).toMatchObject({ code: 0 })
    for (const args of [
      ['verify', bare, '--data', folder],
      ['download', bare, '-o', folder],
    ]) {
      const { code, stderr } = await rxtorrent(args)
      expect(code).toBe(3)
      expect(stderr).toMatch(oneLine)
      expect(stderr).toContain('v2')
    }
  })
})
