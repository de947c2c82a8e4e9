import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { MoveProgress, Storage, StorageError } from '../../../../src/streams/deps.js'
import { fileStorage } from '../../../../src/streams/node/fileStorage.js'
import { fileLab } from '../../../support/fileLab.js'
import { openFilesBelow } from '../../../support/openFilesBelow.js'
import { payload, storageLayout } from '../../../support/storageLayout.js'
import { kindOf, valueOf } from '../../../support/storageRun.js'
import { until } from '../../../support/until.js'

const lab = fileLab()
const { root, beside, open, listing, content } = lab
const isRoot = process.getuid?.() === 0
const isLinux = process.platform === 'linux'

const layout = storageLayout(16, [
  { path: ['t', 'a'], length: 20 },
  { path: ['t', 'd', 'b'], length: 30 },
  { path: ['t', 'empty'], length: 0 },
  { path: ['t', 'link'], length: 0, symlink: ['t', 'a'] },
  { path: ['t', 'c'], length: 20 },
])
const bytes = payload(layout.length)

const moved = (storage: Storage, to: string): Promise<ReadonlyArray<Either<StorageError, MoveProgress>>> =>
  firstValueFrom(storage.move!(to).pipe(toArray()))
const lastOf = async (storage: Storage, to: string): Promise<Either<StorageError, MoveProgress>> =>
  lastValueFrom(storage.move!(to))
const errorOf = async (storage: Storage, to: string): Promise<StorageError | undefined> => {
  const last = await lastOf(storage, to)
  return E.isLeft(last) ? last.left : undefined
}

/** Comparing long arrays element by element takes minutes. */
const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0

/** A tmpfs of its own: another device. */
const onOtherDevice = async (size: string, run: (disk: string) => Promise<void>): Promise<void> => {
  const disk = beside('disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk])
  try {
    await run(disk)
    await until(() => openFilesBelow(disk).length === 0)
  } finally {
    execFileSync('umount', ['-l', disk])
  }
}

const ALL = ['t/a', 't/c', 't/d/b', 't/empty', 't/link']

describe('move', () => {
  it('takes everything to another folder, and goes on there', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes.slice(0, 60)))
    await valueOf(storage.flush())
    writeFileSync(join(root(), 't', 'mine'), 'stays')
    const to = beside('there/yet')
    const steps = await moved(storage, to)
    expect(steps[0]).toEqual(E.right({ movedBytes: 0, totalBytes: 60, isDone: false }))
    expect(steps.at(-1)).toEqual(E.right({ movedBytes: 60, totalBytes: 60, isDone: true }))
    expect(storage.directory).toBe(to)
    expect(listing(to)).toEqual(ALL)
    expect(readlinkSync(join(to, 't', 'link'))).toBe('a')
    expect(listing()).toEqual(['t/mine'])
    expect(existsSync(join(root(), 't', 'd'))).toBe(false)
    await valueOf(storage.write(60, bytes.slice(60)))
    await valueOf(storage.flush())
    expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
    expect(content('t/c', to)).toEqual(bytes.slice(50))
    expect(E.isRight(await lastOf(storage, to))).toBe(true)
  })

  it('takes the part file and the resume file along', async () => {
    const { storage } = open(layout)
    await valueOf(storage.select!([true, false, true, true, true]))
    await valueOf(storage.write(16, bytes.slice(16, 32)))
    writeFileSync(join(root(), '.rxtorrent', `${layout.id}.resume`), 'resume')
    const to = beside('there')
    await lastOf(storage, to)
    expect(listing(to)).toEqual([`.rxtorrent/${layout.id}.parts`, `.rxtorrent/${layout.id}.resume`, 't/a'])
    expect(existsSync(join(root(), '.rxtorrent'))).toBe(false)
    expect(await valueOf(storage.read(16, 16))).toEqual(bytes.slice(16, 32))
    await valueOf(storage.select!([]))
    expect(content('t/d/b', to)).toEqual(bytes.slice(20, 32))
  })

  it('lets reads and writes wait, none fails and none is lost', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    const move = lastOf(storage, beside('there'))
    const reads = [...Array(50).keys()].map((at) => valueOf(storage.read(at, 20)))
    const writes = [...Array(50).keys()].map((at) => valueOf(storage.write(at, bytes.slice(at, at + 20))))
    const flushed = valueOf(storage.flush())
    const back = lastOf(storage, root())
    expect(E.isRight(await move)).toBe(true)
    expect(await Promise.all(reads)).toEqual([...Array(50).keys()].map((at) => bytes.slice(at, at + 20)))
    await Promise.all([...writes, flushed])
    expect(E.isRight(await back)).toBe(true)
    expect(listing()).toEqual(ALL)
    expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
  })

  it.each(['t/c', 't/d/b', 't/link', 't/d'])(
    'is a conflict where a stranger has %s, and changes nothing',
    async (name) => {
      const { storage } = open(layout)
      await valueOf(storage.write(0, bytes))
      await valueOf(storage.flush())
      const to = beside('there')
      mkdirSync(join(to, name, '..'), { recursive: true })
      writeFileSync(join(to, name), 'a stranger')
      expect((await errorOf(storage, to))?.kind).toBe('conflict')
      expect(storage.directory).toBe(root())
      expect(listing(to)).toEqual([name])
      expect(content(name, to)).toEqual(new Uint8Array(Buffer.from('a stranger')))
      expect(listing()).toEqual(ALL)
      expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
    },
  )

  it('a stranger at the place of a file that is not here yet is a conflict too', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes.slice(0, 16)))
    mkdirSync(beside('there/t'), { recursive: true })
    writeFileSync(beside('there/t/c'), 'a stranger')
    expect(await errorOf(storage, beside('there'))).toMatchObject({
      kind: 'conflict',
      operation: 'move',
      file: 't/c',
    })
  })

  it('never goes through a symlink below the other folder', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    mkdirSync(beside('there'))
    mkdirSync(beside('elsewhere'))
    symlinkSync(beside('elsewhere'), beside('there/t'), 'junction')
    expect((await errorOf(storage, beside('there')))?.kind).toBe('conflict')
    expect(listing(beside('elsewhere'))).toEqual([])
    expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
  })

  it('to where another storage has the files is a conflict', async () => {
    const { storage } = open(layout)
    const other = open(storageLayout(32, [{ path: ['t', 'a'], length: 9 }]), { directory: beside('there') })
    expect(await errorOf(storage, beside('there'))).toMatchObject({ kind: 'conflict', file: 't/a' })
    other.close()
    expect(E.isRight(await lastOf(storage, beside('there')))).toBe(true)
    const answer = await firstValueFrom(
      fileStorage({ directory: beside('there'), hashPool: lab.hashPool })(layout),
    )
    expect(E.isLeft(answer) && answer.left.kind).toBe('conflict')
    open(layout)
  })

  it.skipIf(!isRoot || !isLinux)(
    'copies to another device (needs root for a tmpfs), holes left out',
    async () => {
      await onOtherDevice('8m', async (disk) => {
        const sparse = storageLayout(1 << 20, [
          { path: ['run'], length: 3_000_000, isExecutable: true },
          { path: ['holes'], length: 100 << 20 },
        ])
        const { storage, close } = open(sparse)
        const data = payload(3_000_000)
        await valueOf(storage.write(0, data))
        await valueOf(storage.write(3_000_000 + (90 << 20), payload(70_000)))
        const before = await valueOf(storage.stat!())
        const steps = await moved(storage, disk)
        expect(E.isRight(steps.at(-1)!)).toBe(true)
        expect(steps.length).toBeGreaterThan(10)
        const sizes = steps.map((step) => (E.isRight(step) ? step.right.movedBytes : -1))
        expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
        expect(listing()).toEqual([])
        expect(listing(disk)).toEqual(['holes', 'run'])
        expect(isSame(content('run', disk)!, data)).toBe(true)
        expect(statSync(join(disk, 'run')).mode & 0o100).toBe(0o100)
        expect(isSame(await valueOf(storage.read(3_000_000 + (90 << 20), 70_000)), payload(70_000))).toBe(
          true,
        )
        const after = await valueOf(storage.stat!())
        for (const [index, stat] of after.entries()) {
          const old = before[index]!
          if (stat._tag === 'None' || old._tag === 'None') throw new Error('a file has gone')
          expect(stat.value.size).toBe(old.value.size)
          expect(Math.abs(stat.value.mtimeMs - old.value.mtimeMs)).toBeLessThan(1)
        }
        close()
      })
    },
  )

  it.skipIf(!isRoot || !isLinux)('to a device without room changes nothing', async () => {
    await onOtherDevice('128k', async (disk) => {
      const { storage, close } = open(
        storageLayout(65_536, [
          { path: ['t', 'a'], length: 60_000 },
          { path: ['t', 'b'], length: 100_000 },
        ]),
      )
      const data = payload(160_000)
      await valueOf(storage.write(0, data))
      expect(await errorOf(storage, join(disk, 'deep', 'down'))).toMatchObject({
        kind: 'disk-full',
        file: 't/b',
      })
      expect(existsSync(join(disk, 'deep'))).toBe(false)
      expect(listing()).toEqual(['t/a', 't/b'])
      expect(isSame(await valueOf(storage.read(0, 160_000)), data)).toBe(true)
      await valueOf(storage.write(0, data))
      close()
    })
  })

  it.skipIf(!isRoot || !isLinux)('who leaves before the end has everything put back', async () => {
    await onOtherDevice('64m', async (disk) => {
      const { storage, close } = open(
        storageLayout(1 << 20, [
          { path: ['t', 'a'], length: 100 },
          { path: ['t', 'b'], length: 30 << 20 },
        ]),
      )
      await valueOf(storage.write(0, payload(100 + (30 << 20))))
      await new Promise<void>((resolve) => {
        const moving = storage.move!(disk).subscribe({
          next: (step) => {
            if (E.isLeft(step) || step.right.movedBytes < 2 << 20) return
            moving.unsubscribe()
            resolve()
          },
          error: () => undefined,
        })
      })
      // It waits for its turn: after what was moved is back.
      expect(isSame(await valueOf(storage.read(0, 100 + (30 << 20))), payload(100 + (30 << 20)))).toBe(true)
      expect(listing(disk)).toEqual([])
      expect(listing()).toEqual(['t/a', 't/b'])
      expect(storage.directory).toBe(root())
      close()
    })
  })

  it.skipIf(!isRoot || !isLinux)(
    'a storage that is let go meanwhile puts everything back, and only then gives the files up',
    async () => {
      await onOtherDevice('64m', async (disk) => {
        const one = storageLayout(1 << 20, [{ path: ['t', 'b'], length: 30 << 20 }])
        const { storage, close } = open(one)
        await valueOf(storage.write(0, payload(30 << 20)))
        await new Promise<void>((resolve) => {
          storage.move!(disk).subscribe({
            next: (step) => {
              if (E.isRight(step) && step.right.movedBytes > 1 << 20) resolve()
            },
            error: () => undefined,
          })
        })
        const read = kindOf(storage.read(0, 1))
        close()
        const openAgain = fileStorage({ directory: root(), hashPool: lab.hashPool })
        const early = await firstValueFrom(openAgain(one))
        expect(E.isLeft(early) && early.left.kind).toBe('conflict')
        expect(await read).toBe('closed')
        expect(listing(disk)).toEqual([])
        expect(await valueOf(open(one).storage.read(0, 100))).toEqual(payload(30 << 20).slice(0, 100))
      })
    },
  )

  it.skipIf(!isRoot || !isLinux)('from where nothing may be taken away changes nothing', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    mkdirSync(beside('there'), { mode: 0o777 })
    chmodSync(beside('there'), 0o777)
    chmodSync(beside(''), 0o755)
    process.seteuid?.(65534)
    try {
      expect((await errorOf(storage, beside('there')))?.kind).toBe('permission')
    } finally {
      process.seteuid?.(0)
    }
    expect(listing(beside('there'))).toEqual([])
    expect(listing()).toEqual(ALL)
  })

  it('overwrites what an attempt left that the power ended', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    mkdirSync(beside('there/.rxtorrent'), { recursive: true })
    writeFileSync(beside(`there/.rxtorrent/${layout.id}.0.moving`), 'half')
    expect(E.isRight(await lastOf(storage, beside('there')))).toBe(true)
    rmSync(beside('there/.rxtorrent'), { recursive: true })
  })

  const journal = `.rxtorrent/${layout.id}.moving`
  const brokenOff = (to: string, sizes: ReadonlyArray<number>): void => {
    mkdirSync(join(root(), '.rxtorrent'))
    writeFileSync(join(root(), journal), JSON.stringify({ to: realpathSync(to), sizes }))
  }

  it('goes on after a kill while it linked', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    const to = beside('there')
    mkdirSync(join(to, 't'), { recursive: true })
    linkSync(join(root(), 't', 'a'), join(to, 't', 'a'))
    expect(E.isRight(await lastOf(storage, to))).toBe(true)
    expect(listing(to)).toEqual(ALL)
    expect(listing()).toEqual([])
    expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
  })

  it('goes on after a kill while it took old names away', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    const to = beside('there')
    mkdirSync(join(to, 't', 'd'), { recursive: true })
    for (const name of ALL) renameSync(join(root(), name), join(to, name))
    writeFileSync(join(root(), 't', 'empty'), '')
    symlinkSync('a', join(root(), 't', 'link'))
    storage.releaseHandles!()
    expect((await errorOf(storage, to))?.kind).toBe('conflict')
    brokenOff(to, [20, 30, 0, 0, 20, -1])
    expect(E.isRight(await lastOf(storage, to))).toBe(true)
    expect(listing(to)).toEqual(ALL)
    expect(listing()).toEqual([])
    expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
  })

  it('that was broken off still never takes what is of another length, or what has changed here', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    const to = beside('there')
    mkdirSync(join(to, 't'), { recursive: true })
    writeFileSync(join(to, 't', 'a'), payload(20, 5))
    utimesSync(join(to, 't', 'a'), 1, 1)
    brokenOff(to, [20, 30, 0, 0, 20, -1])
    expect((await errorOf(storage, to))?.kind).toBe('conflict')
    rmSync(join(root(), 't', 'a'))
    writeFileSync(join(to, 't', 'a'), payload(19))
    expect((await errorOf(storage, to))?.kind).toBe('conflict')
    expect(content('t/a', to)).toEqual(payload(19))
    expect(listing(to)).toEqual(['t/a'])
  })

  it.skipIf(!isRoot || !isLinux)('two mounts of one folder are not two names', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    linkSync(join(root(), 't', 'a'), beside('another'))
    mkdirSync(beside('there'))
    execFileSync('mount', ['--bind', root(), beside('there')])
    try {
      expect((await errorOf(storage, beside('there')))?.kind).toBe('conflict')
      expect(await valueOf(storage.read(0, 70))).toEqual(bytes)
    } finally {
      execFileSync('umount', ['-l', beside('there')])
    }
  })
})
