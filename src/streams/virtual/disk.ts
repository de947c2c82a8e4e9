import { concat, defer, finalize, mergeMap, NEVER, Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { createPrng } from '../../operators/random.js'
import type { Clock, FileStat, OpenStorage, StorageError, StorageLayout } from '../deps.js'
import { CLOSED, storageError } from '../disk/storageError.js'
import { createDiskFaults, type DiskFault } from './diskFaults.js'
import { createPacer } from './pacer.js'
import { createVirtualResume, type VirtualResume } from './resumeStore.js'
import { createVirtualStorage, type Operate } from './storage.js'
import { createVolume } from './volume.js'

export interface VirtualDiskOptions {
  readonly clock: Clock
  readonly seed: number
  /** Of each operation, on top of the transfer; 1 by default. */
  readonly latencyMs?: number
  /** Bytes a second, of all operations together, in the order of the calls; `Infinity` by default. */
  readonly rate?: number
  /** Chance that a write takes only some of its bytes and is carried on later; 0 by default. */
  readonly shortWriteChance?: number
  /** Bytes; a write beyond is `ENOSPC`. `Infinity` by default. */
  readonly capacity?: number
  /** Operations that fail. */
  readonly faults?: ReadonlyArray<DiskFault>
  /** Whether `crash` loses what no `flush` has put on the device; false by default (true takes twice the memory). */
  readonly losesUnsynced?: boolean
}

/** A disk of one host, and a view of it that costs no time. */
export interface VirtualDisk {
  readonly openStorage: OpenStorage
  /** Resume data on it. */
  readonly resume: VirtualResume
  /** Puts bytes of a torrent's stream on the device, from `offset` on. */
  readonly preload: (layout: StorageLayout, bytes: Uint8Array, offset?: number) => void
  /** What the files of the layout hold, as the stream; zeros where nothing was written. */
  readonly bytes: (layout: StorageLayout) => Uint8Array
  /** Sizes and times of the layout's files; none of those that are not there. */
  readonly stat: (layout: StorageLayout) => ReadonlyArray<Option<FileStat>>
  /** Paths (`a/b`) of the files there are, in the order they were made. */
  readonly files: () => ReadonlyArray<string>
  /** Bytes written, holes not counted. */
  readonly usedBytes: () => number
  /** Storages that are open. */
  readonly openStorages: () => number
  /** So many operations of a kind so far, failed ones included. */
  readonly operations: (operation: StorageError['operation']) => number
  /** The next operations of that kind, one or `times`, fail with that system code. */
  readonly failNext: (operation: StorageError['operation'], code: string, times?: number) => void
  /** Somebody deletes the file of that path (`a/b`). */
  readonly remove: (path: string) => void
  /** The disk holds so many bytes from now on. */
  readonly setCapacity: (bytes: number) => void
  /** The power goes: with `losesUnsynced`, a part of the writes since the last flush is gone; the seed says which. */
  readonly crash: () => void
  /** Times that the power went. */
  readonly crashes: () => number
}

/**
 * A disk inside the program, with latency, a rate, and faults. All of it follows from the seed and the order of the
 * calls.
 *
 * An operation acts when it is due, not when it is asked for: one that is unsubscribed before leaves no trace, and a
 * buffer that changes before the answer is written as changed. Two storages of the same paths see the same files. Moved
 * files have the name of the folder before their path; the parts of files that are not wanted are at
 * `.rxtorrent/<id>.parts/<index>`.
 *
 * @example
 * ```ts
 * const disk = createVirtualDisk({ clock, seed: 1, latencyMs: 4, faults: [{ operation: 'write', nth: 3, code: 'EIO' }] })
 * disk.openStorage(layout).subscribe(...)
 * ```
 */
export const createVirtualDisk = (options: VirtualDiskOptions): VirtualDisk => {
  const { clock, latencyMs = 1, rate = Infinity, shortWriteChance = 0, capacity = Infinity } = options
  const volume = createVolume(capacity, options.losesUnsynced ?? false, () => clock.now())
  const faults = createDiskFaults(options.faults ?? [])
  const pacer = createPacer(clock, rate)
  const prng = createPrng(options.seed)
  const resume = createVirtualResume({ clock, latencyMs })
  let openStorages = 0
  let crashes = 0

  const writeLength = (wanted: number): number =>
    wanted > 1 && shortWriteChance > 0 && prng.next() < shortWriteChance ? 1 + prng.int(wanted - 1) : wanted

  const operateUnless =
    (isClosed: () => boolean): Operate =>
    ({ operation, count, path }, act) =>
      new Observable((subscriber) => {
        let isFirst = true
        const failure = (): string | undefined => {
          if (isClosed()) return CLOSED
          if (!isFirst) return undefined
          isFirst = false
          return faults.next(operation)
        }
        return clock.schedule(
          function () {
            const code = failure()
            const result = code === undefined ? act() : E.left(storageError(operation, path, code))
            if (result === undefined) {
              this.schedule(undefined, latencyMs)
              return
            }
            subscriber.next(result)
            subscriber.complete()
          },
          pacer.book(count) - clock.now() + latencyMs,
        )
      })

  const openStorage: OpenStorage = (layout, directory) =>
    defer(() => {
      let isClosed = false
      const operate = operateUnless(() => isClosed)
      const storage = createVirtualStorage(layout, directory, volume, operate, writeLength, () => {
        isClosed = true
      })
      openStorages++
      return operate({ operation: 'open', count: 0, path: [] }, () => E.right(storage)).pipe(
        mergeMap((opened) => (E.isLeft(opened) ? of(opened) : concat(of(opened), NEVER))),
        finalize(() => {
          isClosed = true
          openStorages--
        }),
      )
    })

  return {
    openStorage,
    resume,
    preload: (layout, bytes, offset = 0) => {
      const written = volume.write(layout, offset, bytes)
      if (E.isLeft(written)) throw new RangeError('the disk is too small for what it is to hold')
      volume.flush(layout, () => true)
    },
    bytes: (layout) => volume.bytes(layout, 0, layout.length),
    stat: (layout) =>
      layout.files.map(({ path, isPad, symlink }) =>
        isPad || symlink !== undefined ? O.none : O.fromNullable(volume.stat(path)),
      ),
    files: volume.files,
    usedBytes: volume.used,
    openStorages: () => openStorages,
    operations: faults.count,
    failNext: (operation, code, times = 1) => {
      faults.failNext(operation, code, times)
    },
    remove: (path) => {
      volume.remove(path.split('/'))
    },
    setCapacity: volume.setCapacity,
    crashes: () => crashes,
    crash: () => {
      crashes++
      const survives = (): boolean => prng.next() < 0.5
      volume.crash(survives)
      resume.crash(survives)
    },
  }
}
