import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { StorageLayout } from '../../../src/streams/deps.js'
import { fileStorage } from '../../../src/streams/node/fileStorage.js'
import { createHashPool } from '../../../src/streams/node/hashPool.js'
import { storageContract } from '../../contract/storage.js'
import { openFilesBelow } from '../../support/openFilesBelow.js'
import { payload, storageLayout } from '../../support/storageLayout.js'
import { allDigests, answerOf, kindOf, openStorage, valueOf } from '../../support/storageRun.js'
import type { OpenedStorage } from '../../support/storageRun.js'
import { until } from '../../support/until.js'

const isRoot = process.getuid?.() === 0
const isPosix = process.platform !== 'win32'

const hashPool = createHashPool({ workers: 1 })
afterAll(() => {
  hashPool.close()
})

storageContract('files', () => {
  const root = mkdtempSync(join(tmpdir(), 'rxtorrent-'))
  return Promise.resolve({
    open: fileStorage({ directory: root, hashPool, maxOpenFiles: 3 }),
    dispose: async () => {
      await until(() => openFilesBelow(root).length === 0)
      rmSync(root, { recursive: true })
    },
  })
})

describe('fileStorage', () => {
  let top: string
  let root: string
  let opened: OpenedStorage[]
  beforeEach(() => {
    top = mkdtempSync(join(tmpdir(), 'rxtorrent-'))
    root = join(top, 'downloads')
    opened = []
  })
  afterEach(async () => {
    for (const { close } of opened) close()
    await until(() => openFilesBelow(top).length === 0)
    rmSync(top, { recursive: true })
  })

  const open = (layout: StorageLayout, maxOpenFiles = 40, directory = root): OpenedStorage => {
    const storage = openStorage(fileStorage({ directory, hashPool, maxOpenFiles }), layout)
    opened.push(storage)
    return storage
  }
  const oneFile = storageLayout(16, [{ path: ['t', 'a'], length: 100 }])

  it('makes nothing before there is something to write', async () => {
    const { storage } = open(oneFile)
    expect(await kindOf(storage.read(0, 1))).toBe('missing')
    await allDigests(storage.hashPieces(0, 6), 0)
    expect(existsSync(root)).toBe(false)
  })

  it('writes sparse: a file grows as far as its last byte', async () => {
    const length = 3 * 1024 * 1024 * 1024
    const { storage } = open(storageLayout(1 << 20, [{ path: ['big'], length }]))
    await valueOf(storage.write(length - 4, payload(4)))
    const { size, blocks } = statSync(join(root, 'big'))
    expect(size).toBe(length)
    if (isPosix) expect(blocks * 512).toBeLessThan(1 << 20)
    expect(await valueOf(storage.read(length - 4, 4))).toEqual(payload(4))
  })

  it('stays within its descriptors with 300 files in use at once', async () => {
    const files = [...Array(300).keys()].map((index) => ({
      path: ['t', `d${String(index % 7)}`, String(index)],
      length: 11,
    }))
    const layout = storageLayout(64, files)
    const { storage } = open(layout, 4)
    const bytes = payload(layout.length)
    let most = 0
    let isBusy = true
    const watch = async (): Promise<void> => {
      while (isBusy) {
        most = Math.max(most, openFilesBelow(root).length)
        await new Promise((resolve) => setImmediate(resolve))
      }
    }
    const watched = watch()
    const order = [...Array(300).keys()].map((index) => (index * 7) % 300)
    await Promise.all(
      order.map((index) => valueOf(storage.write(index * 11, bytes.slice(index * 11, index * 11 + 11)))),
    )
    const parts = await Promise.all(order.map((index) => valueOf(storage.read(index * 11, 11))))
    expect(parts).toEqual(order.map((index) => bytes.slice(index * 11, index * 11 + 11)))
    expect(await valueOf(storage.read(0, layout.length))).toEqual(bytes)
    isBusy = false
    await watched
    await valueOf(storage.flush())
    expect(most).toBeLessThanOrEqual(4)
    if (process.platform === 'linux') expect(most).toBeGreaterThan(0)
  })

  it('a flush to the system makes what has no byte, and tells of a file that is gone; the device still gets all', async () => {
    const { storage } = open(
      storageLayout(64, [
        { path: ['t', 'a'], length: 64 },
        { path: ['t', 'empty'], length: 0 },
        { path: ['t', 'b'], length: 64 },
      ]),
    )
    await valueOf(storage.write(0, payload(128)))
    await valueOf(storage.flush('system'))
    expect(statSync(join(root, 't', 'empty')).size).toBe(0)
    rmSync(join(root, 't', 'b'))
    expect(await kindOf(storage.flush('system'))).toBe('missing')
    // Opened afresh from here on.
    await valueOf(storage.write(64, payload(64)))
    await valueOf(storage.flush('system'))
    await valueOf(storage.flush())
    expect(new Uint8Array(readFileSync(join(root, 't', 'b')))).toEqual(payload(64))
  })

  it('files that somebody wrote before go to the device with the next flush, if they are there', async () => {
    mkdirSync(join(root, 't'), { recursive: true })
    writeFileSync(join(root, 't', 'a'), payload(64))
    const { storage } = open(
      storageLayout(64, [
        { path: ['t', 'a'], length: 64 },
        { path: ['t', 'gone'], length: 64 },
      ]),
    )
    storage.adopt?.([0, 1])
    await valueOf(storage.flush('system'))
    expect(openFilesBelow(root)).toEqual([])
    await valueOf(storage.flush())
    if (process.platform === 'linux') expect(openFilesBelow(root)).toHaveLength(1)
    expect(existsSync(join(root, 't', 'gone'))).toBe(false)
    storage.releaseHandles?.()
    await valueOf(storage.flush())
    // Once is enough: what was let go of is closed in its own time, and not opened again.
    await vi.waitFor(() => {
      expect(openFilesBelow(root)).toEqual([])
    })
  })

  it.skipIf(!isPosix)('begins no flush once it is released, whatever is still being written', async () => {
    const length = 66 * 1024 * 1024
    const { storage, close } = open(
      storageLayout(1 << 20, [
        { path: ['t', 'a'], length },
        // What a flush makes.
        { path: ['t', 'l'], length: 0, symlink: ['t', 'a'] },
      ]),
    )
    const writing = storage.write(0, new Uint8Array(length)).subscribe()
    // A file that is there may not be written to yet, and what has not begun never does.
    await vi.waitFor(
      () => {
        expect(statSync(join(root, 't', 'a')).size).toBeGreaterThan(0)
      },
      { interval: 1 },
    )
    writing.unsubscribe()
    close()
    await vi.waitFor(() => {
      expect(statSync(join(root, 't', 'a')).size).toBe(length)
      expect(openFilesBelow(root)).toEqual([])
    }, 10_000)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(readdirSync(join(root, 't'))).toEqual(['a'])
  })

  it('knows what it wrote without asking the disk, until others may have been there', async () => {
    const paths = ['a', 'b', 'c', 'd', 'e'].map((name) => ['t', name])
    const layout = storageLayout(
      64,
      paths.map((path) => ({ path, length: 10 })),
    )
    const { storage } = open(layout, 2)
    for (const { offset } of layout.files) await valueOf(storage.write(offset, payload(10)))
    const onDisk = (): unknown =>
      paths.map((path) => {
        const { size, mtimeMs } = statSync(join(root, ...path))
        return O.some({ size, mtimeMs })
      })
    const written = onDisk()
    expect(await valueOf(storage.stat!())).toEqual(written)
    // Closed to make room: as we left it.
    appendFileSync(join(root, 't', 'a'), 'x')
    expect(await valueOf(storage.stat!())).toEqual(written)
    storage.releaseHandles?.()
    expect(await valueOf(storage.stat!())).toEqual(onDisk())
    await valueOf(storage.write(0, payload(10)))
    rmSync(join(root, 't', 'a'))
    expect((await valueOf(storage.stat!()))[0]).toEqual(O.none)
  })

  it('vouches no more for a file that somebody else wrote to, whatever we write there later', async () => {
    const layout = storageLayout(64, [
      { path: ['t', 'a'], length: 20 },
      { path: ['t', 'b'], length: 20 },
    ])
    const { storage } = open(layout, 1)
    await valueOf(storage.write(0, payload(10)))
    await valueOf(storage.write(20, payload(20)))
    writeFileSync(join(root, 't', 'a'), payload(10, 5))
    await valueOf(storage.write(10, payload(10)))
    const [a, b] = await valueOf(storage.stat!())
    expect(a).toEqual(O.none)
    expect(O.isSome(b!)).toBe(true)
  })

  it('flush makes empty files and their folders, also where nothing was written', async () => {
    const { storage } = open(
      storageLayout(16, [
        { path: ['t', 'x', 'y', 'empty'], length: 0 },
        { path: ['t', 'run'], length: 0, isExecutable: true },
        { path: ['t', '.pad', '0'], length: 0, isPad: true },
      ]),
    )
    await valueOf(storage.flush())
    expect(statSync(join(root, 't', 'x', 'y', 'empty')).size).toBe(0)
    expect(existsSync(join(root, 't', '.pad'))).toBe(false)
    if (isPosix) expect(statSync(join(root, 't', 'run')).mode & 0o100).toBe(0o100)
  })

  it.skipIf(!isPosix)('sets the executable bit where it belongs', async () => {
    const { storage } = open(
      storageLayout(16, [
        { path: ['t', 'run'], length: 4, isExecutable: true },
        { path: ['t', 'text'], length: 4 },
      ]),
    )
    await valueOf(storage.write(0, payload(8)))
    expect(statSync(join(root, 't', 'run')).mode & 0o111).not.toBe(0)
    expect(statSync(join(root, 't', 'text')).mode & 0o111).toBe(0)
  })

  it('never cuts a larger file short, nor changes a byte that was not written', async () => {
    mkdirSync(join(root, 't'), { recursive: true })
    const before = payload(500, 9)
    writeFileSync(join(root, 't', 'a'), before)
    const { storage } = open(oneFile)
    await valueOf(storage.write(10, payload(20)))
    await valueOf(storage.flush())
    const expected = before.slice()
    expected.set(payload(20), 10)
    expect(new Uint8Array(readFileSync(join(root, 't', 'a')))).toEqual(expected)
  })

  describe('what stands in the way', () => {
    it.skipIf(!isPosix)('a planted symlink is not followed', async () => {
      const victim = join(top, 'victim')
      writeFileSync(victim, 'untouched')
      mkdirSync(join(root, 't'), { recursive: true })
      symlinkSync(victim, join(root, 't', 'a'))
      const { storage } = open(oneFile)
      expect(await kindOf(storage.write(0, payload(16)))).toBe('conflict')
      expect(await kindOf(storage.read(0, 4))).toBe('conflict')
      expect(await kindOf(storage.hashPieces(0, 0))).toBe('conflict')
      expect(readFileSync(victim, 'utf8')).toBe('untouched')
    })

    it.skipIf(!isPosix)(
      'nor is one to a file that does not exist, nor one that a folder was replaced by',
      async () => {
        mkdirSync(join(root, 't'), { recursive: true })
        mkdirSync(join(top, 'elsewhere'))
        symlinkSync(join(top, 'nowhere'), join(root, 't', 'a'))
        symlinkSync(join(top, 'elsewhere'), join(root, 't', 'd'))
        const { storage } = open(
          storageLayout(16, [
            { path: ['t', 'a'], length: 16 },
            { path: ['t', 'd', 'b'], length: 16 },
          ]),
        )
        expect(await kindOf(storage.write(0, payload(16)))).toBe('conflict')
        expect(await kindOf(storage.write(16, payload(16)))).toBe('conflict')
        expect(await kindOf(storage.read(16, 16))).toBe('conflict')
        expect(await kindOf(storage.hashPieces(1, 1))).toBe('conflict')
        expect(existsSync(join(top, 'nowhere'))).toBe(false)
        expect(existsSync(join(top, 'elsewhere', 'b'))).toBe(false)
      },
    )

    it('a download folder that is a symlink is the business of its owner', async () => {
      mkdirSync(join(top, 'real'))
      symlinkSync(join(top, 'real'), join(top, 'link'), 'junction')
      const { storage } = open(oneFile, 40, join(top, 'link'))
      await valueOf(storage.write(0, payload(16)))
      expect(existsSync(join(top, 'real', 't', 'a'))).toBe(true)
    })

    it('a file in the place of a folder, a folder in the place of a file', async () => {
      mkdirSync(join(root, 'u', 'b'), { recursive: true })
      writeFileSync(join(root, 't'), 'a file')
      const { storage } = open(
        storageLayout(16, [
          { path: ['t', 'a'], length: 16 },
          { path: ['u', 'b'], length: 16 },
        ]),
      )
      for (const offset of [0, 16]) {
        expect(await kindOf(storage.write(offset, payload(16)))).toBe('conflict')
        expect(await kindOf(storage.read(offset, 16))).toBe('conflict')
      }
      expect(readFileSync(join(root, 't'), 'utf8')).toBe('a file')
      const answer = await answerOf(storage.write(0, payload(16)))
      expect(E.isLeft(answer) && answer.left.file).toBe('t/a')
    })

    it.skipIf(!isPosix)('a pipe: nobody waits for its other end', async () => {
      mkdirSync(join(root, 't'), { recursive: true })
      execFileSync('mkfifo', [join(root, 't', 'a')])
      const { storage } = open(oneFile)
      expect(await kindOf(storage.read(0, 4))).toBe('conflict')
      expect(await kindOf(storage.write(0, payload(4)))).toBe('conflict')
      expect(await kindOf(storage.hashPieces(0, 0))).toBe('conflict')
    })

    it('another torrent that has the file open', async () => {
      const openShared = fileStorage({ directory: root, hashPool })
      const first = openStorage(openShared, oneFile)
      opened.push(first)
      const second = await firstValueFrom(openShared(storageLayout(32, [{ path: ['t', 'a'], length: 5 }])))
      expect(E.isLeft(second) && second.left).toMatchObject({
        kind: 'conflict',
        operation: 'open',
        file: 't/a',
      })
      first.close()
      opened.push(openStorage(openShared, oneFile))
    })
  })

  describe('symlinks of the torrent', () => {
    const linked = (symlink: ReadonlyArray<string>): StorageLayout =>
      storageLayout(16, [
        { path: ['t', 'd', 'file'], length: 4 },
        { path: ['t', 'links', 'a'], length: 0, symlink },
      ])

    it.skipIf(!isPosix)('are made by flush, relative, and left alone when they are there', async () => {
      const { storage } = open(linked(['t', 'd', 'file']))
      await valueOf(storage.write(0, payload(4)))
      await valueOf(storage.flush())
      expect(readlinkSync(join(root, 't', 'links', 'a'))).toBe('../d/file')
      expect(new Uint8Array(readFileSync(join(root, 't', 'links', 'a')))).toEqual(payload(4))
      opened.pop()!.close()
      await valueOf(open(linked(['t', 'd', 'file'])).storage.flush())
    })

    it.skipIf(!isPosix)('do not replace anything', async () => {
      mkdirSync(join(root, 't', 'links'), { recursive: true })
      writeFileSync(join(root, 't', 'links', 'a'), 'mine')
      const { storage } = open(linked(['t', 'd', 'file']))
      expect(await kindOf(storage.flush())).toBe('conflict')
      expect(readFileSync(join(root, 't', 'links', 'a'), 'utf8')).toBe('mine')
    })

    it.each([[['..', 'victim']], [['t', '..', '..', 'x']], [['/etc/passwd']], [['']], [['a\\..\\b']]])(
      'that lead outside are refused: %j',
      async (target) => {
        const { storage } = open(linked(target))
        expect(await kindOf(storage.flush())).toBe('conflict')
        expect(() => lstatSync(join(root, 't', 'links', 'a'))).toThrow('ENOENT')
      },
    )
  })

  describe('failures of the system', () => {
    it.skipIf(!isRoot || process.platform !== 'linux')(
      'a full disk (needs root for a small tmpfs): disk-full, and all is well once there is room',
      async () => {
        const disk = join(top, 'disk')
        mkdirSync(disk)
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
        try {
          writeFileSync(join(disk, 'ballast'), payload(30_000))
          const layout = storageLayout(50_000, [{ path: ['t'], length: 50_000 }])
          const { storage, close } = open(layout, 40, disk)
          const answer = await answerOf(storage.write(0, payload(50_000)))
          expect(E.isLeft(answer) && answer.left).toMatchObject({
            kind: 'disk-full',
            operation: 'write',
            file: 't',
            code: 'ENOSPC',
          })
          expect(await kindOf(storage.read(0, 50_000))).toBe('missing')
          rmSync(join(disk, 'ballast'))
          await valueOf(storage.write(0, payload(50_000)))
          expect(await valueOf(storage.read(0, 50_000))).toEqual(payload(50_000))
          close()
          await until(() => openFilesBelow(disk).length === 0)
        } finally {
          execFileSync('umount', [disk])
        }
      },
    )

    it.skipIf(!isRoot || process.platform !== 'linux')(
      'a read-only disk (needs root for a tmpfs) is read, not written',
      async () => {
        const disk = join(top, 'disk')
        mkdirSync(disk)
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk])
        try {
          mkdirSync(join(disk, 't'))
          writeFileSync(join(disk, 't', 'a'), payload(100))
          execFileSync('mount', ['-o', 'remount,ro', disk])
          const { storage, close } = open(oneFile, 40, disk)
          expect(await valueOf(storage.read(0, 100))).toEqual(payload(100))
          expect(await kindOf(storage.write(0, payload(1)))).toBe('read-only')
          expect(await valueOf(storage.read(0, 100))).toEqual(payload(100))
          close()
          await until(() => openFilesBelow(disk).length === 0)
        } finally {
          execFileSync('umount', [disk])
        }
      },
    )

    it.skipIf(!isPosix)('no permission', async () => {
      mkdirSync(join(root, 't'), { recursive: true })
      writeFileSync(join(root, 't', 'a'), payload(100))
      for (const [path, mode] of [[top, 0o755], [join(root, 't', 'a'), 0]] as const) chmodSync(path, mode) // prettier-ignore
      // To root, nothing is forbidden: be nobody for a moment.
      if (isRoot) process.seteuid?.(65534)
      try {
        const { storage } = open(
          storageLayout(100, [
            { path: ['t', 'a'], length: 100 },
            { path: ['t', 'new'], length: 100 },
          ]),
        )
        expect(await kindOf(storage.read(0, 1))).toBe('permission')
        expect(await kindOf(storage.write(0, payload(1)))).toBe('permission')
        expect(await kindOf(storage.hashPieces(0, 0))).toBe('permission')
        if (isRoot) expect(await kindOf(storage.write(100, payload(1)))).toBe('permission')
      } finally {
        if (isRoot) process.seteuid?.(0)
      }
    })

    it('a file deleted while open: its bytes or missing, never zeros; the flush tells, and writing starts again', async () => {
      const { storage } = open(oneFile)
      await valueOf(storage.write(0, payload(100)))
      rmSync(join(root, 't'), { recursive: true })
      const read = await answerOf(storage.read(0, 100))
      if (E.isRight(read)) expect(read.right).toEqual(payload(100))
      else expect(read.left.kind).toBe('missing')
      expect(await kindOf(storage.flush())).toBe('missing')
      expect(await kindOf(storage.read(0, 100))).toBe('missing')
      await answerOf(storage.write(0, payload(100)))
      await valueOf(storage.write(0, payload(100)))
      await valueOf(storage.flush())
      expect(new Uint8Array(readFileSync(join(root, 't', 'a')))).toEqual(payload(100))
    })

    it('a lost write that a flush of nobody found is told to who asks for the next, once', async () => {
      const MIB = 1024 * 1024
      const { storage } = open(storageLayout(MIB, [{ path: ['t', 'a'], length: 80 * MIB }]))
      await valueOf(storage.write(0, payload(MIB)))
      rmSync(join(root, 't', 'a'))
      // The file is open, and a flush begins by itself on the way.
      for (let piece = 1; piece < 70; piece++) await valueOf(storage.write(piece * MIB, payload(MIB)))
      await until(() => existsSync(join(root, 't', 'a')) || openFilesBelow(root).length === 0)
      await answerOf(storage.write(0, payload(MIB)))
      expect(await kindOf(storage.flush())).toBe('missing')
      expect(await kindOf(storage.flush())).toBe('no error')
    })

    it('a file cut short while open is missing from there on', async () => {
      const { storage } = open(oneFile)
      await valueOf(storage.write(0, payload(100)))
      truncateSync(join(root, 't', 'a'), 50)
      expect(await valueOf(storage.read(0, 50))).toEqual(payload(50))
      const answer = await answerOf(storage.read(40, 20))
      expect(E.isLeft(answer) && answer.left).toMatchObject({ kind: 'missing', code: 'EOF' })
      expect([...(await allDigests(storage.hashPieces(0, 6), 0)).present]).toEqual([1, 1, 1, 0, 0, 0, 0])
    })

    it('tells size and time of regular files, and of nothing else', async () => {
      const { storage } = open(
        storageLayout(16, [
          { path: ['t', 'a'], length: 16 },
          { path: ['t', 'pad'], length: 16, isPad: true },
          { path: ['t', 'b'], length: 16 },
          { path: ['t', 'd', 'c'], length: 16 },
        ]),
      )
      const stats = async (): Promise<ReadonlyArray<number | undefined>> =>
        (await valueOf(storage.stat!())).map((stat) => O.toUndefined(stat)?.size)
      expect(await stats()).toEqual([undefined, undefined, undefined, undefined])
      await valueOf(storage.write(0, payload(10)))
      symlinkSync(join(root, 't', 'a'), join(root, 't', 'b'))
      mkdirSync(join(root, 'elsewhere'))
      writeFileSync(join(root, 'elsewhere', 'c'), 'c')
      symlinkSync(join(root, 'elsewhere'), join(root, 't', 'd'))
      expect(await stats()).toEqual([10, undefined, undefined, undefined])
      utimesSync(join(root, 't', 'a'), 5, 5.5)
      expect((await valueOf(storage.stat!()))[0]).toEqual(O.some({ size: 10, mtimeMs: 5_500 }))
    })

    it('a flush is not over before the one under way', async () => {
      const { storage } = open(oneFile)
      for (let round = 0; round < 20; round++) {
        await valueOf(storage.write(0, payload(100)))
        const over: string[] = []
        const first = valueOf(storage.flush()).then(() => over.push('first'))
        const second = valueOf(storage.flush()).then(() => over.push('second'))
        await Promise.all([first, second])
        expect(over).toEqual(['first', 'second'])
      }
    })

    it('a folder moved away and back is found again', async () => {
      const { storage } = open(
        storageLayout(16, [
          { path: ['t', 'a'], length: 16 },
          { path: ['t', 'b'], length: 16 },
        ]),
        1,
      )
      await valueOf(storage.write(0, payload(32)))
      renameSync(join(root, 't'), join(root, 'away'))
      expect(await kindOf(storage.read(0, 32))).toBe('missing')
      renameSync(join(root, 'away'), join(root, 't'))
      expect(await valueOf(storage.read(0, 32))).toEqual(payload(32))
    })
  })
})
