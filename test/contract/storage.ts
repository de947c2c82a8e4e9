import { createHash } from 'node:crypto'
import { count, lastValueFrom } from 'rxjs'
import type { Observable } from 'rxjs'
import { fc, test } from '@fast-check/vitest'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { pieceSize } from '../../src/operators/piece/geometry.js'
import { geometryOf } from '../../src/operators/piece/geometryOf.js'
import { verificationOf } from '../../src/operators/piece/verification.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import type { OpenStorage, Storage, StorageLayout } from '../../src/streams/deps.js'
import { readInto } from '../../src/streams/disk/readInto.js'
import { payload, storageLayout } from '../support/storageLayout.js'
import { allDigests, answerOf, kindOf, openStorage, valueOf } from '../support/storageRun.js'
import type { OpenedStorage } from '../support/storageRun.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'

export interface StorageSetup {
  readonly open: OpenStorage
  /** Releases what the setup made; throws if a storage that was let go holds on to anything. */
  readonly dispose: () => Promise<void>
}

/** What every implementation of `OpenStorage` owes. Each test gets a fresh setup. */
export const storageContract = (name: string, setUp: () => Promise<StorageSetup>): void => {
  describe(`storage contract: ${name}`, () => {
    let setup: StorageSetup
    let opened: OpenedStorage[] = []
    const open = (layout: StorageLayout, directory?: string): OpenedStorage => {
      const storage = openStorage((of) => setup.open(of, directory), layout)
      opened.push(storage)
      return storage
    }
    const fresh = async (): Promise<void> => {
      setup = await setUp()
    }
    const clear = async (): Promise<void> => {
      for (const storage of opened) storage.close()
      opened = []
      await setup.dispose()
    }
    beforeEach(fresh)
    afterEach(clear)

    const threeFiles = storageLayout(7, [
      { path: ['t', 'a'], length: 10 },
      { path: ['t', 'empty'], length: 0 },
      { path: ['t', 'd', 'b'], length: 1 },
      { path: ['t', 'c'], length: 22 },
    ])

    it('gives back what was written, over the borders of files', async () => {
      const { storage } = open(threeFiles)
      const bytes = payload(33)
      await valueOf(storage.write(0, bytes))
      expect(await valueOf(storage.read(0, 33))).toEqual(bytes)
      expect(await valueOf(storage.read(9, 3))).toEqual(bytes.subarray(9, 12))
      expect(await valueOf(storage.read(10, 1))).toEqual(bytes.subarray(10, 11))
    })

    test.prop([fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 50 })], {
      numRuns: 20,
    })('takes the pieces of any files in any order', async (lengths, pieceLength) => {
      const layout = storageLayout(
        pieceLength,
        lengths.map((length, index) => ({
          path: ['t', String(index % 3), String(index)],
          length,
          isPad: index % 4 === 3,
        })),
      )
      const expected = payload(layout.length)
      for (const file of layout.files)
        if (file.isPad) expected.fill(0, file.offset, file.offset + file.length)
      const { storage } = open(layout)
      const pieces = [...Array(Math.ceil(layout.length / pieceLength)).keys()].reverse()
      for (const piece of pieces) {
        await valueOf(
          storage.write(piece * pieceLength, expected.slice(piece * pieceLength, (piece + 1) * pieceLength)),
        )
      }
      expect(await valueOf(storage.read(0, layout.length))).toEqual(expected)
      const { digests, present } = await allDigests(storage.hashPieces(0, pieces.length - 1), 0)
      expect([...present]).toEqual(pieces.map(() => 1))
      for (const piece of pieces) {
        const digest = createHash('sha1')
          .update(expected.subarray(piece * pieceLength, (piece + 1) * pieceLength))
          .digest()
        expect(Buffer.from(digests.subarray(piece * 20, piece * 20 + 20)).equals(digest)).toBe(true)
      }
      await clear()
      await fresh()
    })

    test.prop(
      [
        fc.array(fc.nat(40), { minLength: 1, maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 10 }),
        fc.nat(),
      ],
      { numRuns: 20 },
    )('reads into memory that was used before, in any parts', async (lengths, sizes, start) => {
      const files = lengths.map((length, index) => ({
        path: ['t', String(index)],
        length,
        isPad: index % 3 === 2,
      }))
      const layout = storageLayout(16, [...files, { path: ['t', 'last'], length: 300 }])
      const expected = payload(layout.length)
      for (const file of layout.files)
        if (file.isPad) expected.fill(0, file.offset, file.offset + file.length)
      const { storage } = open(layout)
      await valueOf(storage.write(0, expected))
      const offset = start % (layout.length - 299)
      const parts = sizes.map((size) => new Uint8Array(size).fill(0xaa))
      await valueOf(readInto(storage, offset, parts, layout.length))
      const length = sizes.reduce((sum, size) => sum + size, 0)
      expect(Buffer.concat(parts)).toEqual(Buffer.from(expected.subarray(offset, offset + length)))
      const behind = [new Uint8Array(2).fill(0xaa), new Uint8Array(3).fill(0xaa)]
      await valueOf(readInto(storage, layout.length - 1, behind, layout.length))
      expect(behind.map((part) => [...part])).toEqual([
        [expected.at(-1), 0],
        [0, 0, 0],
      ])
      await clear()
      await fresh()
    })

    it('reads nothing into anything where nothing was written', async () => {
      const { storage } = open(threeFiles)
      await valueOf(storage.write(0, payload(9)))
      expect(await kindOf(readInto(storage, 5, [new Uint8Array(2), new Uint8Array(3)], 33))).toBe('missing')
    })

    it('gives each reader a buffer of its own', async () => {
      const { storage } = open(threeFiles)
      await valueOf(storage.write(0, payload(33)))
      const first = await valueOf(storage.read(0, 33))
      first.fill(0)
      const second = await valueOf(storage.read(0, 33))
      expect(second).toEqual(payload(33))
      expect(second.buffer.byteLength).toBe(33)
    })

    it('answers missing for what was never written, never zeros', async () => {
      const { storage } = open(threeFiles)
      expect(await kindOf(storage.read(0, 1))).toBe('missing')
      await valueOf(storage.write(0, payload(9)))
      expect(await kindOf(storage.read(9, 1))).toBe('missing')
      expect(await kindOf(storage.read(0, 10))).toBe('missing')
      expect(await kindOf(storage.read(8, 5))).toBe('missing')
      expect(await valueOf(storage.read(0, 9))).toEqual(payload(9))
    })

    it('names the file that is missing', async () => {
      const { storage } = open(threeFiles)
      await valueOf(storage.write(0, payload(10)))
      const answer = await answerOf(storage.read(0, 11))
      expect(E.isLeft(answer) && answer.left).toMatchObject({
        kind: 'missing',
        operation: 'read',
        file: 't/d/b',
      })
    })

    it('reads pad files as zeros and swallows what is written to them', async () => {
      const layout = storageLayout(16, [
        { path: ['t', 'a'], length: 10 },
        { path: ['t', '.pad', '6'], length: 6, isPad: true },
        { path: ['t', 'b'], length: 4 },
      ])
      const { storage } = open(layout)
      expect(await valueOf(storage.read(10, 6))).toEqual(new Uint8Array(6))
      const bytes = payload(20)
      await valueOf(storage.write(0, bytes))
      bytes.fill(0, 10, 16)
      expect(await valueOf(storage.read(0, 20))).toEqual(bytes)
    })

    it('reads and writes nothing at all', async () => {
      const { storage } = open(threeFiles)
      await valueOf(storage.write(5, new Uint8Array(0)))
      expect(await valueOf(storage.read(33, 0))).toEqual(new Uint8Array(0))
    })

    it('keeps what was written for the next time', async () => {
      const first = open(threeFiles)
      await valueOf(first.storage.write(0, payload(33)))
      await valueOf(first.storage.flush())
      first.close()
      expect(await valueOf(open(threeFiles).storage.read(0, 33))).toEqual(payload(33))
    })

    it('takes blocks of pieces, in any order, and reads around the holes', async () => {
      const layout = storageLayout(40, [
        { path: ['t', 'a'], length: 55 },
        { path: ['t', 'b'], length: 65 },
      ])
      const bytes = payload(120)
      const { storage } = open(layout)
      for (const at of [90, 10, 50, 40, 110, 0]) await valueOf(storage.write(at, bytes.slice(at, at + 10)))
      for (const [from, to] of [
        [0, 20],
        [40, 60],
        [90, 100],
        [110, 120],
      ] as const) {
        expect(await valueOf(storage.read(from, to - from))).toEqual(bytes.slice(from, to))
      }
      expect(await kindOf(storage.read(100, 20))).not.toBe('closed')
      await Promise.all(
        [20, 30, 60, 70, 80, 100].map((at) => valueOf(storage.write(at, bytes.slice(at, at + 10)))),
      )
      expect(await valueOf(storage.read(0, 120))).toEqual(bytes)
      expect([...(await allDigests(storage.hashPieces(0, 2), 0)).present]).toEqual([1, 1, 1])
    })

    it('has not kept the buffer that it was given', async () => {
      const { storage } = open(threeFiles)
      const given = payload(33)
      await valueOf(storage.write(0, given))
      given.fill(0)
      expect(await valueOf(storage.read(0, 33))).toEqual(payload(33))
    })

    it('hashes the pieces of a v2 torrent by what is in their file', async () => {
      const { metainfo, content } = makeV2Torrent({
        pieceLength: 32_768,
        files: [70_000, 0, 5, 32_768, 40_000],
      })
      const { storage } = open(layoutOf(metainfo))
      const geometry = geometryOf(metainfo)
      const pieces = [...Array(metainfo.pieceCount).keys()]
      for (const piece of pieces.slice(0, -1)) {
        const begin = piece * 32_768
        await valueOf(storage.write(begin, content.slice(begin, begin + pieceSize(geometry, piece))))
      }
      const { digests, present } = await allDigests(storage.hashPieces(0, pieces.length - 1), 0)
      expect([...present]).toEqual(pieces.map((piece) => (piece === pieces.length - 1 ? 0 : 1)))
      const verification = verificationOf(metainfo)
      const isRight = pieces.map((piece) =>
        verification?.isRight(piece, digests.subarray(32 * piece, 32 * piece + 32)),
      )
      expect(isRight).toEqual(pieces.map((piece) => piece < pieces.length - 1))
      // Some peers want the end of a file with the zeros behind it.
      const padded = 3 * 32_768
      expect(await valueOf(storage.read(padded, 16_384))).toEqual(content.slice(padded, padded + 16_384))
    })

    it('finds pieces that lie over many small files', async () => {
      const layout = storageLayout(
        64,
        [...Array(100).keys()].map((index) => ({ path: ['t', String(index)], length: index % 4 })),
      )
      const { storage } = open(layout)
      const bytes = payload(layout.length)
      for (let at = 0; at < bytes.length; at += 64) await valueOf(storage.write(at, bytes.slice(at, at + 64)))
      expect(await valueOf(storage.read(0, bytes.length))).toEqual(bytes)
      await valueOf(storage.flush())
    })

    it('may leave out what is not wanted, and has it again when it is', async () => {
      const { storage } = open(threeFiles)
      const bytes = payload(33)
      if (storage.select === undefined) return
      await valueOf(storage.select([true, false, false, true]))
      await valueOf(storage.write(7, bytes.slice(7, 14)))
      expect(await valueOf(storage.read(7, 7))).toEqual(bytes.slice(7, 14))
      await valueOf(storage.flush())
      await valueOf(storage.select([true, true, true, true]))
      expect(await valueOf(storage.read(7, 7))).toEqual(bytes.slice(7, 14))
      await valueOf(storage.write(0, bytes))
      expect(await valueOf(storage.read(0, 33))).toEqual(bytes)
    })

    it('says the same of a file as long as nobody changes it', async () => {
      const { storage } = open(threeFiles)
      if (storage.stat === undefined) return
      expect(await valueOf(storage.stat())).toHaveLength(4)
      await valueOf(storage.write(0, payload(10)))
      await valueOf(storage.flush())
      const stats = await valueOf(storage.stat())
      expect(stats[0]).toMatchObject({ _tag: 'Some', value: { size: 10 } })
      expect(stats[3]).toEqual(O.none)
      await valueOf(storage.read(0, 10))
      expect(await valueOf(storage.stat())).toEqual(stats)
    })

    it('renames within what a torrent could have', async () => {
      const { storage } = open(threeFiles)
      if (storage.rename === undefined) return
      await valueOf(storage.write(0, payload(33)))
      await valueOf(storage.rename(2, ['t', 'e', 'f']))
      expect(await valueOf(storage.read(0, 33))).toEqual(payload(33))
      for (const path of [['t', 'a'], ['t', 'A'], ['..', 'x'], [], ['t', 'c', 'x'], ['.RxTorrent', 'x']]) {
        expect(await kindOf(storage.rename(2, path))).toBe('conflict')
      }
      expect(await valueOf(storage.read(0, 33))).toEqual(payload(33))
    })

    const named = (layout: StorageLayout, paths: Storage['paths']): StorageLayout => ({
      ...layout,
      files: layout.files.map((file, index) => ({ ...file, path: paths?.[index] ?? file.path })),
    })

    it('tells the present paths, and is opened with them the next time', async () => {
      const first = open(threeFiles)
      if (first.storage.rename === undefined) return
      await valueOf(first.storage.write(0, payload(33)))
      await valueOf(first.storage.rename(2, ['t', 'e', 'f']))
      await valueOf(first.storage.rename(3, ['t', 'd', 'b']))
      await valueOf(first.storage.flush())
      const { paths } = first.storage
      expect(paths).toEqual([
        ['t', 'a'],
        ['t', 'empty'],
        ['t', 'e', 'f'],
        ['t', 'd', 'b'],
      ])
      first.close()
      expect(first.storage.paths).toEqual(paths)
      const second = open(named(threeFiles, paths))
      expect(second.storage.paths).toEqual(paths)
      expect(await valueOf(second.storage.read(0, 33))).toEqual(payload(33))
      expect([...(await allDigests(second.storage.hashPieces(0, 4), 0)).present]).toEqual([1, 1, 1, 1, 1])
      await valueOf(second.storage.rename?.(2, ['t', 'd', 'c']) ?? expect.unreachable())
      expect(await valueOf(second.storage.read(0, 33))).toEqual(payload(33))
    })

    it('keeps apart what was renamed and is not wanted, and has it again when it is', async () => {
      const first = open(threeFiles)
      if (first.storage.rename === undefined || first.storage.select === undefined) return
      const bytes = payload(33)
      await valueOf(first.storage.select([true, false, false, false]))
      await valueOf(first.storage.write(7, bytes.slice(7, 14)))
      await valueOf(first.storage.rename(3, ['t', 'late']))
      await valueOf(first.storage.flush())
      const { paths } = first.storage
      first.close()
      const second = open(named(threeFiles, paths))
      await valueOf(second.storage.select?.([true, false, false, false]) ?? expect.unreachable())
      expect(await valueOf(second.storage.read(7, 7))).toEqual(bytes.slice(7, 14))
      await valueOf(second.storage.select?.([true, true, true, true]) ?? expect.unreachable())
      expect(await valueOf(second.storage.read(7, 7))).toEqual(bytes.slice(7, 14))
      await valueOf(second.storage.write(0, bytes))
      expect(await valueOf(second.storage.read(0, 33))).toEqual(bytes)
    })

    it('removes what it has under other paths', async () => {
      const first = open(threeFiles)
      if (first.storage.rename === undefined || first.storage.remove === undefined) return
      await valueOf(first.storage.write(0, payload(33)))
      await valueOf(first.storage.rename(3, ['t', 'late']))
      const { paths } = first.storage
      first.close()
      const second = open(named(threeFiles, paths))
      await valueOf(second.storage.remove?.() ?? expect.unreachable())
      second.close()
      for (const layout of [threeFiles, named(threeFiles, paths)]) {
        const third = open(layout)
        for (const at of [0, 10, 11]) expect(await kindOf(third.storage.read(at, 1))).toBe('missing')
        third.close()
      }
    })

    it('is opened where an earlier one has moved its files', async () => {
      const first = open(threeFiles)
      if (first.storage.move === undefined || first.storage.directory === undefined) return
      await valueOf(first.storage.write(0, payload(33)))
      await lastValueFrom(first.storage.move(`${first.storage.directory}/elsewhere`))
      const { directory } = first.storage
      first.close()
      expect(await kindOf(open(threeFiles).storage.read(0, 33))).toBe('missing')
      const second = open(threeFiles, directory)
      expect(second.storage.directory).toBe(directory)
      expect(await valueOf(second.storage.read(0, 33))).toEqual(payload(33))
    })

    it('is at its end when it is removed, and nothing is left', async () => {
      const first = open(threeFiles)
      if (first.storage.remove === undefined) return
      await valueOf(first.storage.write(0, payload(33)))
      await valueOf(first.storage.remove())
      expect(await kindOf(first.storage.read(0, 1))).toBe('closed')
      expect(await kindOf(first.storage.write(0, payload(33)))).toBe('closed')
      first.close()
      expect(await kindOf(open(threeFiles).storage.read(0, 1))).toBe('missing')
    })

    it('is cold: nothing is written before it is asked for', async () => {
      const { storage } = open(threeFiles)
      const write$ = storage.write(0, payload(10))
      expect(await kindOf(storage.read(0, 10))).toBe('missing')
      await valueOf(write$)
      expect(await valueOf(storage.read(0, 10))).toEqual(payload(10))
    })

    it('takes 5 000 writes, each begun in the answer to the one before', async () => {
      const writes = 5_000
      const { storage } = open(storageLayout(16, [{ path: ['t'], length: writes }]))
      await new Promise<void>((resolve, reject) => {
        const write = (at: number): void => {
          if (at === writes) resolve()
          else {
            storage.write(at, Uint8Array.of(at)).subscribe({
              next: (answer) => {
                if (E.isLeft(answer)) reject(new Error(answer.left.code))
                else write(at + 1)
              },
              error: reject,
            })
          }
        }
        write(0)
      })
      const bytes = await valueOf(storage.read(0, writes))
      expect(bytes).toEqual(Uint8Array.from({ length: writes }, (_, at) => at))
    })

    it('takes 5 000 writes at a time', async () => {
      const writes = 5_000
      const { storage } = open(
        storageLayout(16, [
          { path: ['t', 'a'], length: 17 },
          { path: ['t', 'b'], length: writes },
        ]),
      )
      await Promise.all([...Array(writes).keys()].map((at) => valueOf(storage.write(at, Uint8Array.of(at)))))
      expect(await valueOf(storage.read(0, writes))).toEqual(
        Uint8Array.from({ length: writes }, (_, at) => at),
      )
    })

    it('hashes the pieces that are there and says which are not', async () => {
      const { storage } = open(threeFiles)
      const bytes = payload(33)
      await valueOf(storage.write(0, bytes.slice(0, 11)))
      await valueOf(storage.write(11, bytes.slice(11, 21)))
      const { digests, present } = await allDigests(storage.hashPieces(1, 4), 1)
      expect([...present]).toEqual([1, 1, 0, 0])
      const digest = (piece: number): Buffer =>
        createHash('sha1')
          .update(bytes.subarray(piece * 7, piece * 7 + 7))
          .digest()
      expect(Buffer.from(digests.subarray(0, 40))).toEqual(Buffer.concat([digest(1), digest(2)]))
      expect(digests.subarray(40)).toEqual(new Uint8Array(40))
    })

    it('says nothing more to who has stopped listening', async () => {
      const { storage } = open(storageLayout(16 * 1024, [{ path: ['t'], length: 64 * 1024 }]))
      await valueOf(storage.write(0, payload(64 * 1024)))
      let hasLeft = false
      let late = 0
      const subscription = storage.hashPieces(0, 3).subscribe({
        next: () => {
          if (hasLeft) late += 1
        },
        error: () => undefined,
      })
      subscription.unsubscribe()
      hasLeft = true
      expect([...(await allDigests(storage.hashPieces(0, 3), 0)).present]).toEqual([1, 1, 1, 1])
      expect(late).toBe(0)
    })

    it('answers closed once it has been let go', async () => {
      const { storage, close } = open(threeFiles)
      await valueOf(storage.write(0, payload(33)))
      close()
      expect(await kindOf(storage.read(0, 1))).toBe('closed')
      expect(await kindOf(storage.write(0, payload(1)))).toBe('closed')
      expect(await kindOf(storage.flush())).toBe('closed')
      expect(await kindOf(storage.hashPieces(0, 0))).toBe('closed')
    })

    it('can be let go with work under way; each answer is a value', async () => {
      const { storage, close } = open(threeFiles)
      const answers = [
        ...[...Array(40).keys()].map((at) => answerOf(storage.write(at % 30, payload(3)))),
        answerOf(storage.flush()),
      ]
      const reads = [...Array(20).keys()].map((at) => answerOf(storage.read(at, 3)))
      close()
      for (const answer of await Promise.all<E.Either<unknown, unknown>>([...answers, ...reads])) {
        expect(['Left', 'Right']).toContain(answer._tag)
      }
    })

    it('survives askers that leave', async () => {
      const { storage } = open(threeFiles)
      for (let at = 0; at < 30; at += 1) {
        storage
          .write(at, payload(3))
          .subscribe({ error: () => undefined })
          .unsubscribe()
        storage
          .read(at, 3)
          .subscribe({ error: () => undefined })
          .unsubscribe()
      }
      await valueOf(storage.write(0, payload(33)))
      expect(await valueOf(storage.read(0, 33))).toEqual(payload(33))
    })

    it('answers once and completes', async () => {
      const { storage } = open(threeFiles)
      const counted = <A>(answer$: Observable<A>): Promise<number> => lastValueFrom(answer$.pipe(count()))
      expect(await counted(storage.write(0, payload(33)))).toBe(1)
      expect(await counted(storage.flush())).toBe(1)
      expect(await counted(storage.read(0, 33))).toBe(1)
      expect(await counted(open(storageLayout(7, [{ path: ['none'], length: 9 }])).storage.read(0, 9))).toBe(
        1,
      )
    })
  })
}
