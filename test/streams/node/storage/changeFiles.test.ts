import {
  existsSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { firstValueFrom, lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Storage } from '../../../../src/streams/deps.js'
import { fileStorage } from '../../../../src/streams/node/fileStorage.js'
import { fileLab } from '../../../support/fileLab.js'
import { openFilesBelow } from '../../../support/openFilesBelow.js'
import { payload, storageLayout } from '../../../support/storageLayout.js'
import { allDigests, answerOf, kindOf, valueOf } from '../../../support/storageRun.js'
import { until } from '../../../support/until.js'

const lab = fileLab()
const { root, beside, open, listing, content } = lab

const layout = storageLayout(16, [
  { path: ['t', 'a'], length: 20 },
  { path: ['t', 'd', 'b'], length: 30 },
  { path: ['t', 'link'], length: 0, symlink: ['t', 'a'] },
  { path: ['t', '.pad', '4'], length: 4, isPad: true },
  { path: ['t', 'c'], length: 20 },
])
const bytes = payload(layout.length)
bytes.fill(0, 50, 54)

describe('rename', () => {
  it('gives a file another path, and goes on there', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    await valueOf(storage.rename!(1, ['u', 'deep', 'name']))
    expect(listing()).toEqual(['t/a', 't/c', 't/link', 'u/deep/name'])
    expect(existsSync(join(root(), 't', 'd'))).toBe(false)
    await valueOf(storage.write(30, bytes.slice(30, 40)))
    await valueOf(storage.flush())
    expect(await valueOf(storage.read(0, 74))).toEqual(bytes)
    expect([...(await allDigests(storage.hashPieces(0, 4), 0)).present]).toEqual([1, 1, 1, 1, 1])
    await valueOf(storage.rename!(1, ['t', 'd', 'b']))
    expect(listing()).toEqual(['t/a', 't/c', 't/d/b', 't/link'])
    await valueOf(storage.rename!(1, ['t', 'd', 'b']))
  })

  it('also of a file that is not there yet', async () => {
    const { storage } = open(layout)
    await valueOf(storage.rename!(0, ['other']))
    await valueOf(storage.write(0, bytes.slice(0, 20)))
    expect(listing()).toEqual(['other'])
  })

  it.each([
    [['..', 'x']],
    [['t', '', 'x']],
    [['t', '.']],
    [['t/x']],
    [[]],
    [['t', 'a\u0000']],
    [['t', 'C']],
    [['t', 'd']],
    [['t', 'a', 'x']],
    [['.rxtorrent', 'x']],
    [['x'.repeat(300)]],
  ])('refuses what a torrent could not have: %j', async (path) => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    const before = listing()
    expect(await kindOf(storage.rename!(1, path))).toBe('conflict')
    expect(listing()).toEqual(before)
    expect(await valueOf(storage.read(0, 74))).toEqual(bytes)
  })

  it.each([2, 3, 5, -1])('refuses what is no file: %d', async (file) => {
    expect(await kindOf(open(layout).storage.rename!(file, ['x']))).toBe('conflict')
  })

  it('never replaces a stranger, nor goes through a symlink, nor takes what another storage has', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    writeFileSync(join(root(), 'x'), 'a stranger')
    mkdirSync(beside('elsewhere'))
    symlinkSync(beside('elsewhere'), join(root(), 'y'), 'junction')
    expect(await kindOf(storage.rename!(0, ['x']))).toBe('conflict')
    expect(await kindOf(storage.rename!(0, ['y', 'a']))).toBe('conflict')
    open(storageLayout(16, [{ path: ['z'], length: 1 }]))
    expect(await kindOf(storage.rename!(0, ['z']))).toBe('conflict')
    expect(content('x')).toEqual(new Uint8Array(Buffer.from('a stranger')))
    expect(listing(beside('elsewhere'))).toEqual([])
    expect(await valueOf(storage.read(0, 20))).toEqual(bytes.slice(0, 20))
  })
})

describe('remove', () => {
  it("deletes what is the torrent's, and its empty folders; the storage is at its end", async () => {
    const { storage } = open(layout)
    await valueOf(storage.select!([true, true, true, true, false]))
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    writeFileSync(join(root(), '.rxtorrent', `${layout.id}.resume`), '')
    expect(listing()).toHaveLength(5)
    const queued = [answerOf(storage.remove!()), answerOf(storage.write(0, bytes)), answerOf(storage.flush())]
    expect((await Promise.all<E.Either<unknown, unknown>>(queued)).map(E.isRight)).toEqual([
      true,
      false,
      false,
    ])
    expect(listing()).toEqual([])
    expect(existsSync(join(root(), 't'))).toBe(false)
    expect(existsSync(join(root(), '.rxtorrent'))).toBe(false)
    expect(existsSync(root())).toBe(true)
    expect(await kindOf(storage.read(0, 1))).toBe('closed')
    expect(await kindOf(storage.write(0, bytes))).toBe('closed')
    open(layout)
  })

  it("leaves alone what is a stranger's", async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    await valueOf(storage.flush())
    writeFileSync(join(root(), 't', 'd', 'mine'), 'stays')
    writeFileSync(join(root(), 't', 'c'), payload(21))
    renameSync(join(root(), 't', 'link'), join(root(), 't', 'old'))
    symlinkSync('c', join(root(), 't', 'link'))
    writeFileSync(beside('victim'), 'untouched')
    renameSync(join(root(), 't', 'a'), beside('saved'))
    symlinkSync(beside('victim'), join(root(), 't', 'a'))
    await valueOf(storage.remove!())
    expect(listing()).toEqual(['t/a', 't/c', 't/d/mine', 't/link', 't/old'])
    expect(readlinkSync(join(root(), 't', 'link'))).toBe('c')
    expect(content('victim', beside(''))).toEqual(new Uint8Array(Buffer.from('untouched')))
  })

  it('of what is not wanted deletes only what it wrote, or what is vouched for', async () => {
    mkdirSync(join(root(), 't', 'd'), { recursive: true })
    for (const [index, name] of ['a', 'd/b', 'c'].entries()) {
      writeFileSync(join(root(), 't', name), payload(10, index))
    }
    const kept = async (
      act: (storage: Storage) => Promise<void>,
      vouched?: ReadonlyArray<boolean>,
    ): Promise<ReadonlyArray<string>> => {
      const { storage, close } = open(layout)
      await valueOf(storage.select!(layout.files.map(() => false)))
      await act(storage)
      await valueOf(storage.remove!(vouched))
      close()
      return listing()
    }
    const nothing = (): Promise<void> => Promise.resolve()
    expect(await kept(nothing)).toEqual(['t/a', 't/c', 't/d/b'])
    expect(content('t/c')).toEqual(payload(10, 2))
    expect(await kept(nothing, [false, true])).toEqual(['t/a', 't/c'])
    expect(await kept((storage) => valueOf(storage.write(54, bytes.slice(54))))).toEqual(['t/a'])
  })

  it('what somebody put in place of a file in the part file stays, also where its pieces are had', async () => {
    const { storage } = open(layout)
    await valueOf(storage.select!([true, true, true, true, false]))
    await valueOf(storage.write(0, bytes))
    writeFileSync(join(root(), 't', 'c'), payload(10, 7))
    await valueOf(storage.remove!(layout.files.map(() => true)))
    expect(listing()).toEqual(['t/c'])
  })

  it('comes after what was asked for before it, from the first moment on', async () => {
    mkdirSync(join(root(), 't'), { recursive: true })
    writeFileSync(join(root(), 't', 'c'), 'mine')
    const { storage } = open(layout)
    const answers = [answerOf(storage.select!([true, true, true, true, false])), answerOf(storage.remove!())]
    expect((await Promise.all<E.Either<unknown, unknown>>(answers)).every(E.isRight)).toBe(true)
    // What is not wanted was not taken for ours.
    expect(listing()).toEqual(['t/c'])
  })

  it('never goes through a symlink that a folder was replaced by', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    renameSync(join(root(), 't'), beside('elsewhere'))
    symlinkSync(beside('elsewhere'), join(root(), 't'), 'junction')
    await valueOf(storage.remove!())
    expect(listing(beside('elsewhere'))).toEqual(['a', 'c', 'd/b'])
  })
})

describe('the rest', () => {
  it('begins in the order in which it was asked for, although the storage has only just been opened', async () => {
    const { storage } = open(layout)
    const order: string[] = []
    const log = async (name: string, answer: Promise<unknown>): Promise<void> => {
      await answer
      order.push(name)
    }
    await Promise.all([
      log('select', answerOf(storage.select!([true, true, true, true, false]))),
      log('rename', answerOf(storage.rename!(0, ['t', 'z']))),
      log('move', lastValueFrom(storage.move!(beside('there')))),
      log('stat', answerOf(storage.stat!())),
    ])
    expect(order).toEqual(['select', 'rename', 'move', 'stat'])
  })

  it('answers what was asked for at once where the storage is let go of in the next moment', async () => {
    const { storage, close } = open(layout)
    const kinds = [kindOf(storage.write(0, bytes)), kindOf(storage.flush()), kindOf(storage.read(0, 1))]
    close()
    expect(await Promise.all(kinds)).toEqual(['closed', 'closed', 'closed'])
    expect(listing()).toEqual([])
  })

  it('releases handles, and opens them again', async () => {
    const { storage } = open(layout)
    await valueOf(storage.write(0, bytes))
    const writes = [...Array(20).keys()].map(() => valueOf(storage.write(0, bytes)))
    storage.releaseHandles!()
    await Promise.all(writes)
    storage.releaseHandles!()
    await until(() => openFilesBelow(root()).length === 0)
    expect(await valueOf(storage.read(0, 74))).toEqual(bytes)
  })

  it('tells size and time of what is there', async () => {
    const { storage } = open(layout)
    expect((await valueOf(storage.stat!())).every(O.isNone)).toBe(true)
    await valueOf(storage.write(0, bytes.slice(0, 30)))
    await valueOf(storage.flush())
    symlinkSync('a', join(root(), 't', 'c'))
    const stats = await valueOf(storage.stat!())
    expect(stats.map((stat) => O.toUndefined(stat)?.size)).toEqual([20, 10, undefined, undefined, undefined])
    expect(Math.abs(O.toUndefined(stats[0]!)!.mtimeMs - Date.now())).toBeLessThan(60_000)
  })

  it("one file is one storage's, whatever leads to its folder", async () => {
    open(layout)
    mkdirSync(root(), { recursive: true })
    symlinkSync(root(), beside('link'), 'junction')
    const other = storageLayout(16, [{ path: ['a'], length: 1 }])
    const answers = await Promise.all(
      [
        [beside('link'), layout],
        [join(root(), 't'), other],
      ].map(([directory, wanted]) =>
        firstValueFrom(
          fileStorage({ directory: directory as string, hashPool: lab.hashPool })(wanted as typeof layout),
        ),
      ),
    )
    expect(answers.map((answer) => E.isLeft(answer) && answer.left.kind)).toEqual(['conflict', 'conflict'])
    open(layout, { directory: beside('other') })
  })
})

describe('full allocation', () => {
  const big = storageLayout(1 << 20, [
    { path: ['big'], length: 5_000_000 },
    { path: ['other'], length: 1_000_000 },
  ])
  const isThere = async (storage: Storage, piece: number): Promise<boolean> =>
    Buffer.compare(await valueOf(storage.read(piece << 20, 500_000)), payload(500_000, piece)) === 0

  it.skipIf(process.platform !== 'linux')(
    'takes the room of a file before its first byte, of no other',
    async () => {
      const { storage, close } = open(big, { allocation: 'full' })
      await Promise.all(
        [4, 3, 0].map((piece) => valueOf(storage.write(piece << 20, payload(500_000, piece)))),
      )
      expect(content('big')?.length).toBe(5_000_000)
      expect(statSync(join(root(), 'big')).blocks * 512).toBeGreaterThanOrEqual(5_000_000)
      expect(listing()).toEqual(['big'])
      for (const piece of [4, 3, 0]) expect(await isThere(storage, piece)).toBe(true)
      await valueOf(storage.flush())
      close()
      const again = open(big, { allocation: 'full' })
      await valueOf(again.storage.write(1 << 20, payload(100)))
      for (const piece of [4, 3, 0]) expect(await isThere(again.storage, piece)).toBe(true)
    },
  )

  it('goes on where it was broken off, and never touches data', async () => {
    mkdirSync(root())
    writeFileSync(join(root(), 'big'), payload(2_000_000))
    const { storage } = open(big, { allocation: 'full' })
    await valueOf(storage.write(3 << 20, payload(100)))
    expect(Buffer.compare(content('big')!.subarray(0, 2_000_000), payload(2_000_000))).toBe(0)
    expect(content('big')?.length).toBe(5_000_000)
  })

  it('says at once that there is no room', async () => {
    const { storage } = open(storageLayout(1 << 20, [{ path: ['huge'], length: 2 ** 50 }]), {
      allocation: 'full',
    })
    expect(await kindOf(storage.write(0, payload(10)))).toBe('disk-full')
    expect(content('huge')?.length).toBe(0)
  })
})
