import { createHash } from 'node:crypto'
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { firstValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Storage } from '../../../../src/streams/deps.js'
import { fileStorage } from '../../../../src/streams/node/fileStorage.js'
import { fileLab } from '../../../support/fileLab.js'
import { payload, storageLayout } from '../../../support/storageLayout.js'
import { allDigests, kindOf, openStorage, valueOf } from '../../../support/storageRun.js'

const { root, beside, open, listing, content, hashPool } = fileLab()

const PIECE = 16
/** Pieces: a, a|b, b, b|c, c|d, d: what is shared is the second, the fourth and the fifth. */
const layout = storageLayout(PIECE, [
  { path: ['t', 'a'], length: 20 },
  { path: ['t', 'b'], length: 30 },
  { path: ['t', 'c'], length: 20 },
  { path: ['t', 'd'], length: 20 },
])
const bytes = payload(layout.length)
const parts = join('.rxtorrent', `${layout.id}.parts`)
const select = (storage: Storage, ...wanted: ReadonlyArray<boolean>): Promise<void> =>
  valueOf(storage.select!(wanted))
const writePiece = (storage: Storage, piece: number): Promise<void> =>
  valueOf(storage.write(piece * PIECE, bytes.slice(piece * PIECE, (piece + 1) * PIECE)))
const digest = (piece: number): Uint8Array =>
  new Uint8Array(
    createHash('sha1')
      .update(bytes.subarray(piece * PIECE, (piece + 1) * PIECE))
      .digest(),
  )

describe('files that are not wanted', () => {
  it('are never made: what pieces share with them is in the part file, and is read and hashed there', async () => {
    const { storage } = open(layout)
    await select(storage, true, false, true, false)
    for (const piece of [0, 1, 3, 4]) await writePiece(storage, piece)
    await valueOf(storage.flush())
    expect(listing()).toEqual([parts, 't/a', 't/c'])
    expect(content('t/c')).toEqual(bytes.slice(50, 70))
    for (const piece of [0, 1, 3, 4]) {
      expect(await valueOf(storage.read(piece * PIECE, PIECE))).toEqual(
        bytes.slice(piece * PIECE, (piece + 1) * PIECE),
      )
    }
    const { digests, present } = await allDigests(storage.hashPieces(0, 5), 0)
    for (const piece of [0, 1, 3, 4])
      expect(digests.subarray(piece * 20, piece * 20 + 20)).toEqual(digest(piece))
    expect([...present].slice(0, 2)).toEqual([1, 1])
    // Its bytes lie where they lie in the stream, and take no more room than they need.
    expect(content(parts)?.slice(20, 32)).toEqual(bytes.slice(20, 32))
    expect(content(parts)?.length).toBe(layout.length + 1)
  })

  it('answers missing for what did not come, never zeros', async () => {
    const { storage } = open(layout)
    await select(storage, true, false, true, false)
    await writePiece(storage, 3)
    expect(await kindOf(storage.read(20, 4))).toBe('missing')
    expect(await kindOf(storage.read(32, 16))).toBe('missing')
    expect(await valueOf(storage.read(48, 16))).toEqual(bytes.slice(48, 64))
  })

  it('makes nothing at all where nothing comes', async () => {
    const { storage } = open(
      storageLayout(PIECE, [
        { path: ['t', 'a'], length: 20 },
        { path: ['t', 'empty'], length: 0 },
        { path: ['t', 'link'], length: 0, symlink: ['t', 'a'] },
      ]),
    )
    await select(storage, false, false, false)
    await valueOf(storage.flush())
    expect(listing()).toEqual([])
    await select(storage, false, true, false)
    await valueOf(storage.flush())
    expect(listing()).toEqual(['t/empty'])
  })

  it('come to their files once they are wanted, and the part file goes with the last', async () => {
    const { storage } = open(layout)
    await select(storage, true, false, true, false)
    for (const piece of [0, 1, 3, 4]) await writePiece(storage, piece)
    await select(storage, true, true, true, false)
    expect(listing()).toEqual([parts, 't/a', 't/b', 't/c'])
    expect(content('t/b')?.slice(0, 12)).toEqual(bytes.slice(20, 32))
    expect(content('t/b')?.slice(28)).toEqual(bytes.slice(48, 50))
    expect(await valueOf(storage.read(48, 32))).toEqual(bytes.slice(48, 80))
    await writePiece(storage, 2)
    await select(storage, true, true, true, true)
    expect(listing()).toEqual(['t/a', 't/b', 't/c', 't/d'])
    await writePiece(storage, 5)
    expect(await valueOf(storage.read(0, layout.length))).toEqual(bytes)
    await valueOf(storage.flush())
  })

  it('that are there already go on in their files', async () => {
    const { storage } = open(layout)
    await writePiece(storage, 2)
    await select(storage, true, false, true, true)
    await writePiece(storage, 1)
    expect(listing()).toEqual(['t/a', 't/b'])
    expect(content('t/b')?.slice(0, 12)).toEqual(bytes.slice(20, 32))
  })

  it('are known again by the next storage, also pieces within them', async () => {
    const first = open(layout)
    await select(first.storage, true, false, false, false)
    for (const piece of [1, 2, 4]) await writePiece(first.storage, piece)
    await valueOf(first.storage.flush())
    first.close()
    const second = open(layout)
    const { digests } = await allDigests(second.storage.hashPieces(1, 4), 1)
    expect(digests.subarray(0, 40)).toEqual(Uint8Array.from([...digest(1), ...digest(2)]))
    expect(digests.subarray(60)).toEqual(digest(4))
    await select(second.storage, true, true, false, false)
    expect(listing()).toEqual([parts, 't/a', 't/b'])
    expect(content('t/b')?.slice(0, 28)).toEqual(bytes.slice(20, 48))
    expect(await valueOf(second.storage.read(64, 16))).toEqual(bytes.slice(64, 80))
  })

  it.each([
    ['a write', (storage: Storage) => writePiece(storage, 5)],
    ['a flush', (storage: Storage) => valueOf(storage.flush())],
  ])('are wanted when %s comes without a word about them', async (_, act) => {
    const first = open(layout)
    await select(first.storage, true, false, true, true)
    await writePiece(first.storage, 1)
    await valueOf(first.storage.flush())
    first.close()
    const second = open(layout)
    await act(second.storage)
    expect(listing()).not.toContain(parts)
    expect(await valueOf(second.storage.read(16, 16))).toEqual(bytes.slice(16, 32))
    expect(content('t/b')).toEqual(bytes.slice(20, 32))
  })

  it('are searched where files share pieces when the part file was torn before its map', async () => {
    const first = open(layout)
    await select(first.storage, true, false, true, false)
    for (const piece of [1, 3, 4]) await writePiece(first.storage, piece)
    await valueOf(first.storage.flush())
    first.close()
    truncateSync(join(root(), parts), 60)
    const { storage } = open(layout)
    await select(storage, true, true, true, true)
    expect(content('t/b')?.slice(0, 12)).toEqual(bytes.slice(20, 32))
    expect(content('t/b')?.slice(28)).toEqual(bytes.slice(48, 50))
    expect(listing()).toEqual(['t/a', 't/b', 't/c', 't/d'])
  })

  it('are never written over where somebody has put them in place meanwhile', async () => {
    const { storage } = open(layout)
    await select(storage, true, false, true, false)
    for (const piece of [1, 3, 4]) await writePiece(storage, piece)
    await valueOf(storage.flush())
    const own = payload(30, 9)
    writeFileSync(join(root(), 't', 'b'), own)
    await select(storage, true, true, true, true)
    expect(content('t/b')).toEqual(own)
    expect(content('t/d')?.slice(0, 10)).toEqual(bytes.slice(70, 80))
    expect(await valueOf(storage.read(20, 30))).toEqual(own)
    expect(listing()).toEqual(['t/a', 't/b', 't/c', 't/d'])
  })

  it('get only the blocks that came, also in the next storage; others are missing, never zeros', async () => {
    const long = 40_000
    const wide = storageLayout(long, [
      { path: ['a'], length: 20_000 },
      { path: ['b'], length: 60_000 },
    ])
    const last = payload(long - 32_768)
    const first = open(wide)
    await select(first.storage, true, false)
    await valueOf(first.storage.write(32_768, last))
    await valueOf(first.storage.flush())
    expect(await valueOf(first.storage.read(32_768, last.length))).toEqual(last)
    expect(await kindOf(first.storage.read(20_000, 100))).toBe('missing')
    first.close()
    const { storage } = open(wide)
    await select(storage, true, false)
    expect(await kindOf(storage.read(20_000, 100))).toBe('missing')
    await select(storage, true, true)
    expect(content('b')?.slice(12_768)).toEqual(last)
    expect(content('b')?.length).toBe(20_000)
  })

  it('let what is under way end before they change places', async () => {
    const { storage } = open(layout)
    await select(storage, true, false, true, false)
    const work = [1, 3, 4, 2, 5].flatMap((piece) => [
      writePiece(storage, piece),
      select(storage, true, piece % 2 === 0, true, piece > 3),
    ])
    await Promise.all(work)
    await select(storage, true, true, true, true)
    expect(await valueOf(storage.read(16, 74))).toEqual(bytes.slice(16))
    expect(listing()).toEqual(['t/a', 't/b', 't/c', 't/d'])
  })

  it("stat of what is not there is the part file's: equal as long as nobody touched it", async () => {
    const first = open(layout)
    await select(first.storage, true, false, true, false)
    for (const piece of [0, 1, 3]) await writePiece(first.storage, piece)
    await valueOf(first.storage.flush())
    const before = await valueOf(first.storage.stat!())
    first.close()
    expect(before.map((stat) => O.toUndefined(stat)?.size)).toEqual([20, 91, 14, 91])
    const second = open(layout)
    expect(await valueOf(second.storage.stat!())).toEqual(before)
    rmSync(join(root(), parts))
    expect((await valueOf(second.storage.stat!())).map(O.isSome)).toEqual([true, false, true, false])
  })
})

describe('what stands in the way of the part file', () => {
  it('a symlink in the place of its folder is not followed', async () => {
    mkdirSync(beside('elsewhere'))
    writeFileSync(join(beside('elsewhere'), `${layout.id}.parts`), payload(90, 7))
    mkdirSync(root())
    symlinkSync(beside('elsewhere'), join(root(), '.rxtorrent'), 'junction')
    const { storage } = open(layout)
    await select(storage, true, false, true, true)
    expect(await kindOf(storage.write(16, bytes.slice(16, 32)))).toBe('conflict')
    expect(await kindOf(storage.read(20, 4))).toBe('missing')
    await select(storage, true, true, true, true)
    expect(new Uint8Array(content(`${layout.id}.parts`, beside('elsewhere'))!)).toEqual(payload(90, 7))
    expect(await kindOf(storage.write(16, bytes.slice(16, 32)))).toBe('no error')
  })

  it('a file in the place of its folder, a symlink or a folder in its own', async () => {
    mkdirSync(root())
    writeFileSync(join(root(), '.rxtorrent'), 'mine')
    const { storage, close } = open(layout)
    await select(storage, true, false, true, true)
    expect(await kindOf(storage.write(16, bytes.slice(16, 32)))).toBe('conflict')
    close()
    rmSync(join(root(), '.rxtorrent'))
    mkdirSync(join(root(), '.rxtorrent'))
    writeFileSync(beside('victim'), 'untouched')
    symlinkSync(beside('victim'), join(root(), parts))
    const second = open(layout)
    await select(second.storage, true, false, true, true)
    expect(await kindOf(second.storage.write(16, bytes.slice(16, 32)))).toBe('conflict')
    expect(await kindOf(second.storage.hashPieces(1, 1))).toBe('conflict')
    second.close()
    expect(content('victim', beside(''))).toEqual(new Uint8Array(Buffer.from('untouched')))
  })

  it('a torrent that has files there itself is refused', async () => {
    for (const path of [['.rxtorrent', 'a'], ['.RxTorrent'], ['.rxtorrent', `${layout.id}.parts`]]) {
      const answer = await firstValueFrom(
        fileStorage({ directory: root(), hashPool })(storageLayout(PIECE, [{ path, length: 10 }])),
      )
      expect(E.isLeft(answer) && answer.left.kind).toBe('conflict')
    }
    open(storageLayout(PIECE, [{ path: ['t', '.rxtorrent'], length: 10 }]))
    const odd = await firstValueFrom(
      fileStorage({ directory: root(), hashPool })({ ...layout, id: '../../x' }),
    )
    expect(E.isLeft(odd) && odd.left.kind).toBe('conflict')
  })

  it.skipIf(process.getuid?.() !== 0 || process.platform !== 'linux')(
    'no room (needs root for a small tmpfs): nothing is lost, and it goes on where there is',
    async () => {
      const disk = beside('disk')
      mkdirSync(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', disk])
      const big = storageLayout(32_768, [
        { path: ['a'], length: 16_384 },
        { path: ['b'], length: 16_384 },
        { path: ['c'], length: 16_384 },
      ])
      const data = payload(big.length)
      try {
        const { storage, close } = openStorage(fileStorage({ directory: disk, hashPool }), big)
        await select(storage, false, true, false)
        await valueOf(storage.write(0, data.slice(0, 32_768)))
        await valueOf(storage.flush())
        const ballast = join(disk, 'ballast')
        writeFileSync(ballast, payload(80_000))
        expect(await kindOf(storage.select!([true, true, true]))).toBe('disk-full')
        expect(await valueOf(storage.read(0, 32_768))).toEqual(data.slice(0, 32_768))
        rmSync(ballast)
        await select(storage, true, true, true)
        expect(listing(disk)).toEqual(['a', 'b'])
        expect(content('a', disk)).toEqual(data.slice(0, 16_384))
        close()
        expect(statSync(join(disk, 'b')).size).toBe(16_384)
      } finally {
        execFileSync('umount', ['-l', disk])
      }
    },
  )
})
