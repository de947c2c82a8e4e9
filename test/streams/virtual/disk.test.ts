import { createHash } from 'node:crypto'
import { map, type Observable, type Subscription, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { PieceDigests, Storage, StorageError, StorageLayout } from '../../../src/streams/deps.js'
import {
  createVirtualClock,
  createVirtualDisk,
  type VirtualClock,
  type VirtualDisk,
  type VirtualDiskOptions,
} from '../../../src/streams/virtual/index.js'
import { mixedLayout, plainLayout } from '../../support/layouts.js'

interface Lab {
  readonly clock: VirtualClock
  readonly disk: VirtualDisk
  readonly storage: Storage
  readonly opened: Subscription
  /** Runs one operation to its end: what it answered, and when. */
  readonly answer: <A>(answer$: Observable<Either<StorageError, A>>) => {
    readonly values: ReadonlyArray<Either<StorageError, A>>
    readonly ms: number
  }
}

const open = (
  clock: VirtualClock,
  disk: VirtualDisk,
  layout: StorageLayout,
): { storage: Storage; opened: Subscription } => {
  const storages: Storage[] = []
  const opened = disk.openStorage(layout).subscribe({
    next: (storage) => {
      if (E.isRight(storage)) storages.push(storage.right)
    },
    error: expect.unreachable,
    complete: expect.unreachable,
  })
  clock.advanceBy(100)
  return { storage: storages[0]!, opened }
}

const lab = (options: Partial<VirtualDiskOptions> = {}, layout: StorageLayout = mixedLayout): Lab => {
  const clock = createVirtualClock()
  const disk = createVirtualDisk({ clock, seed: 1, ...options })
  return {
    clock,
    disk,
    ...open(clock, disk, layout),
    answer: (answer$) => {
      const started = clock.now()
      const values: Array<Either<StorageError, never>> = []
      let isDone = false
      answer$.subscribe({
        next: (value) => {
          values.push(value as Either<StorageError, never>)
        },
        error: expect.unreachable,
        complete: () => {
          isDone = true
        },
      })
      expect(clock.run(() => isDone)).toBe(true)
      return { values, ms: clock.now() - started }
    },
  }
}

const pattern = (length: number, salt = 0): Uint8Array =>
  new Uint8Array(length).map((_, i) => (i * 7 + salt) & 0xff)
const failure = (result: { readonly values: ReadonlyArray<Either<StorageError, unknown>> }): unknown => {
  const [value] = result.values
  return value !== undefined && E.isLeft(value) ? value.left : undefined
}

describe('createVirtualDisk', () => {
  it('reads what was written, across files and pads', () => {
    const { storage, answer, disk } = lab()
    const bytes = pattern(300)
    expect(answer(storage.write(400, bytes)).values).toEqual([E.right(undefined)])
    const expected = bytes.slice()
    expected.fill(0, 50, 100)
    expect(answer(storage.read(400, 300)).values).toEqual([E.right(expected)])
    expect(disk.bytes(mixedLayout).subarray(400, 700)).toEqual(expected)
    expect(disk.files()).toEqual(['t/a', 't/d/b'])
    expect(disk.usedBytes()).toBe(250)
  })

  it('answers `missing` for bytes never written, and names the file', () => {
    const { storage, answer } = lab()
    expect(failure(answer(storage.read(0, 10)))).toMatchObject({ kind: 'missing', file: 't/a' })
    answer(storage.write(0, pattern(450)))
    expect(failure(answer(storage.read(440, 70)))).toMatchObject({ kind: 'missing', file: 't/d/b' })
    answer(storage.write(500, pattern(9)))
    expect(failure(answer(storage.read(440, 70)))).toMatchObject({ kind: 'missing', file: 't/d/b' })
    answer(storage.write(509, pattern(1)))
    expect(failure(answer(storage.read(440, 70)))).toBeUndefined()
    expect(answer(storage.read(455, 20)).values).toEqual([E.right(new Uint8Array(20))])
  })

  it('gives each reader a buffer of its own', () => {
    const { storage, answer } = lab()
    answer(storage.write(0, pattern(10)))
    const [first] = answer(storage.read(0, 10)).values
    if (first !== undefined && E.isRight(first)) first.right.fill(9)
    expect(answer(storage.read(0, 10)).values).toEqual([E.right(pattern(10))])
  })

  it('errors for what lies outside of the torrent', () => {
    const { storage } = lab()
    const errors: unknown[] = []
    const observer = {
      next: () => expect.unreachable(),
      error: (error: unknown) => {
        errors.push(error)
      },
    }
    storage.read(990, 11).subscribe(observer)
    storage.write(-1, pattern(1)).subscribe(observer)
    storage.hashPieces(0, 10).subscribe(observer)
    storage.hashPieces(-1, 2).subscribe(observer)
    expect(errors).toHaveLength(4)
    for (const error of errors) expect(error).toBeInstanceOf(RangeError)
  })

  it('makes empty files on a flush, and no links or pads', () => {
    const { storage, answer, disk } = lab()
    expect(answer(storage.flush()).values).toEqual([E.right(undefined)])
    expect(disk.files()).toEqual(['t/empty'])
  })

  it('takes its latency, and its rate in the order of the calls', () => {
    const { clock, storage, answer } = lab({ latencyMs: 5, rate: 10_000 })
    expect(answer(storage.write(0, pattern(100))).ms).toBe(15)
    const seen: string[] = []
    const started = clock.now()
    for (const [name, length] of [
      ['a', 100],
      ['b', 50],
    ] as const) {
      storage.write(0, pattern(length)).subscribe({
        next: () => seen.push(`${name} ${String(clock.now() - started)}`),
        error: expect.unreachable,
      })
    }
    clock.run()
    expect(seen).toEqual(['a 15', 'b 20'])
  })

  it('is cold, and an operation that is unsubscribed leaves no trace', () => {
    const { clock, storage, disk, opened } = lab()
    const write$ = storage.write(0, pattern(10))
    clock.advanceBy(50)
    write$.subscribe({ next: () => expect.unreachable(), error: expect.unreachable }).unsubscribe()
    opened.unsubscribe()
    expect([clock.pending(), disk.usedBytes(), disk.openStorages()]).toEqual([0, 0, 0])
  })

  it('answers `closed` once the storage has been let go', () => {
    const { storage, answer, opened, disk } = lab()
    expect(disk.openStorages()).toBe(1)
    opened.unsubscribe()
    expect(disk.openStorages()).toBe(0)
    for (const answer$ of [
      storage.read(0, 1),
      storage.write(0, pattern(1)),
      storage.flush(),
      storage.hashPieces(0, 0),
    ]) {
      expect(failure(answer<unknown>(answer$))).toMatchObject({ kind: 'closed' })
    }
    expect(disk.usedBytes()).toBe(0)
  })

  it('keeps the files for the next storage', () => {
    const { clock, storage, answer, opened, disk } = lab()
    answer(storage.write(0, pattern(100)))
    opened.unsubscribe()
    const again = open(clock, disk, mixedLayout)
    expect(answer(again.storage.read(0, 100)).values).toEqual([E.right(pattern(100))])
  })

  describe('hashPieces', () => {
    it('digests what is there, in order, and says what is not', () => {
      const { storage, answer, disk } = lab()
      const bytes = pattern(1_000)
      bytes.fill(0, 450, 500)
      disk.preload(mixedLayout, bytes.subarray(0, 700))
      const { values } = answer(storage.hashPieces(2, 8))
      expect(values).toHaveLength(1)
      const digests = E.getOrElse<StorageError, PieceDigests>(() => expect.unreachable())(values[0]!)
      expect([digests.first, ...digests.present]).toEqual([2, 1, 1, 1, 1, 1, 0, 0])
      for (let piece = 2; piece < 7; piece++) {
        const expected = createHash('sha1')
          .update(bytes.subarray(piece * 100, piece * 100 + 100))
          .digest()
        expect(Buffer.from(digests.digests.subarray(20 * (piece - 2), 20 * (piece - 1)))).toEqual(expected)
      }
    })

    it('goes in batches, a shorter last piece included, and can be cancelled', () => {
      const pieceLength = 1_048_576
      const layout = plainLayout(9 * pieceLength + 5, pieceLength)
      const { clock, storage, answer, disk } = lab({}, layout)
      disk.preload(layout, new Uint8Array(layout.length))
      const { values } = answer(storage.hashPieces(0, 9).pipe(toBatches))
      expect(values).toEqual([E.right(['0+4', '4+4', '8+2'])])
      const seen: number[] = []
      const subscription = storage.hashPieces(0, 9).subscribe({
        next: () => {
          seen.push(clock.now())
        },
        error: expect.unreachable,
      })
      clock.run(() => seen.length === 1)
      subscription.unsubscribe()
      expect(clock.pending()).toBe(0)
    })

    it('stops at a failure', () => {
      const { storage, answer, disk } = lab()
      disk.failNext('hash', 'EIO')
      const { values } = answer(storage.hashPieces(0, 9))
      expect(values).toHaveLength(1)
      expect(failure({ values })).toMatchObject({ kind: 'io', operation: 'hash', code: 'EIO' })
    })

    it('has nothing to say about no pieces', () => {
      const { storage, answer } = lab()
      expect(answer(storage.hashPieces(3, 2)).values).toEqual([])
    })
  })

  describe('faults', () => {
    it('fails the operation that was planned, with the kind of its code', () => {
      const { storage, answer, disk } = lab({ faults: [{ operation: 'write', nth: 2, code: 'EACCES' }] })
      const results = [1, 2, 3].map(() => failure(answer(storage.write(490, pattern(100)))))
      expect(results[0]).toBeUndefined()
      expect(results[1]).toEqual({
        _tag: 'StorageError',
        kind: 'permission',
        operation: 'write',
        file: 't/.pad/50',
        code: 'EACCES',
      })
      expect(results[2]).toBeUndefined()
      expect(disk.operations('write')).toBe(3)
    })

    it('fails to open', () => {
      const clock = createVirtualClock()
      const disk = createVirtualDisk({
        clock,
        seed: 1,
        faults: [{ operation: 'open', nth: 1, code: 'EMFILE' }],
      })
      const seen: unknown[] = []
      disk.openStorage(mixedLayout).subscribe({
        next: (storage) => seen.push(E.isLeft(storage) ? storage.left.kind : 'open'),
        error: expect.unreachable,
        complete: () => seen.push('end'),
      })
      clock.run()
      expect(seen).toEqual(['too-many-files', 'end'])
      expect(disk.openStorages()).toBe(0)
    })

    it('gives back the room of a file that is deleted, and can be given more', () => {
      const { storage, answer, disk } = lab({ capacity: 500 })
      answer(storage.write(0, new Uint8Array(400)))
      const path = disk.files()[0]!
      disk.remove(path)
      disk.remove('nothing')
      expect(disk.files()).not.toContain(path)
      expect(answer(storage.read(0, 10)).values).toMatchObject([{ left: { kind: 'missing' } }])
      disk.setCapacity(0)
      expect(answer(storage.write(0, new Uint8Array(40))).values).toMatchObject([
        { left: { kind: 'disk-full' } },
      ])
      disk.setCapacity(400)
      expect(answer(storage.write(0, new Uint8Array(40))).values).toMatchObject([{ _tag: 'Right' }])
    })

    it('is full at its capacity, and takes what is overwritten', () => {
      const { storage, answer, disk } = lab({ capacity: 500 })
      answer(storage.write(0, pattern(450)))
      answer(storage.write(500, pattern(50)))
      expect(disk.usedBytes()).toBe(500)
      expect(failure(answer(storage.write(520, pattern(31))))).toMatchObject({
        kind: 'disk-full',
        code: 'ENOSPC',
      })
      expect(failure(answer(storage.write(520, pattern(30))))).toBeUndefined()
      expect(disk.usedBytes()).toBe(500)
      expect(() => {
        disk.preload(mixedLayout, pattern(1_000))
      }).toThrow(RangeError)
    })

    it('carries short writes on', () => {
      const layout = plainLayout(10_000, 1_000)
      const { storage, answer, disk } = lab({ shortWriteChance: 0.8, latencyMs: 5 }, layout)
      let longest = 0
      for (let i = 0; i < 10; i++) {
        const { values, ms } = answer(storage.write(i * 1_000, pattern(1_000, i)))
        expect(values).toEqual([E.right(undefined)])
        longest = Math.max(longest, ms)
      }
      expect(longest).toBeGreaterThan(5)
      for (let i = 0; i < 10; i++) {
        expect(disk.bytes(layout).subarray(i * 1_000, (i + 1) * 1_000)).toEqual(pattern(1_000, i))
      }
    })

    it('shows the torn state in the middle of a short write', () => {
      const layout = plainLayout(10_000, 1_000)
      const { clock, storage, disk } = lab({ shortWriteChance: 1, latencyMs: 10 }, layout)
      const subscription = storage.write(0, pattern(10_000)).subscribe({ error: expect.unreachable })
      clock.advanceBy(10)
      subscription.unsubscribe()
      expect(disk.usedBytes()).toBeGreaterThan(0)
      expect(disk.usedBytes()).toBeLessThan(10_000)
    })

    it('loses a part of what was not flushed, by the seed', () => {
      const layout = plainLayout(10_000, 100)
      const survivors = (seed: number): number => {
        const { storage, answer, disk } = lab({ losesUnsynced: true, seed }, layout)
        for (let i = 0; i < 50; i++) answer(storage.write(i * 100, pattern(100)))
        answer(storage.flush())
        for (let i = 50; i < 100; i++) answer(storage.write(i * 100, pattern(100)))
        expect(disk.usedBytes()).toBe(10_000)
        disk.crash()
        expect(failure(answer(storage.read(0, 5_000)))).toBeUndefined()
        return disk.usedBytes()
      }
      expect(survivors(1)).toBeGreaterThan(5_000)
      expect(survivors(1)).toBeLessThan(10_000)
      expect(survivors(1)).toBe(survivors(1))
    })

    it('loses nothing unless it is told to', () => {
      const { storage, answer, disk } = lab()
      answer(storage.write(0, pattern(100)))
      disk.crash()
      expect(disk.usedBytes()).toBe(100)
    })
  })

  it('carries 5 000 writes at the same time', () => {
    const layout = plainLayout(5_000, 100)
    const { clock, storage, disk } = lab({ latencyMs: 0 }, layout)
    let answers = 0
    for (let i = 0; i < 5_000; i++) {
      storage.write(i, Uint8Array.of(i & 0xff)).subscribe({
        next: () => {
          answers++
        },
        error: expect.unreachable,
      })
    }
    clock.run()
    expect([answers, disk.usedBytes()]).toEqual([5_000, 5_000])
  })
})

const toBatches = (
  digests$: Observable<Either<StorageError, PieceDigests>>,
): Observable<Either<StorageError, ReadonlyArray<string>>> =>
  digests$.pipe(
    toArray(),
    map((all) =>
      E.right(
        all.map((batch) =>
          E.isLeft(batch)
            ? batch.left.code
            : `${String(batch.right.first)}+${String(batch.right.present.length)}`,
        ),
      ),
    ),
  )
