import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { FileStat, StorageError, StorageFile, StorageLayout } from '../deps.js'
import { END_OF_FILE, storageError } from '../disk/storageError.js'
import { createDiskFile, createSafeFile, type DiskFile } from './diskFile.js'

/** The files of a disk, seen through layouts. Everything happens at once: time is the disk's matter. */
export interface Volume {
  readonly read: (layout: StorageLayout, offset: number, length: number) => Either<StorageError, Uint8Array>
  readonly write: (layout: StorageLayout, offset: number, bytes: Uint8Array) => Either<StorageError, void>
  /** What the layout's files hold; zeros where nothing was written. */
  readonly bytes: (layout: StorageLayout, offset: number, length: number) => Uint8Array
  /** Makes what has no byte to write, and puts those files on the device that are to be there. */
  readonly flush: (layout: StorageLayout, isDue: (file: number) => boolean) => void
  readonly crash: (survives: () => boolean) => void
  /** Gives a file another path, where nothing is. */
  readonly rename: (from: ReadonlyArray<string>, to: ReadonlyArray<string>) => void
  readonly remove: (path: ReadonlyArray<string>) => void
  /** Undefined where there is no such file. */
  readonly stat: (path: ReadonlyArray<string>) => FileStat | undefined
  /** Paths of the files there are, in the order they were made. */
  readonly files: () => ReadonlyArray<string>
  /** Bytes written, holes not counted. */
  readonly used: () => number
  readonly setCapacity: (bytes: number) => void
}

/**
 * @param initialCapacity - bytes; a write beyond it is `ENOSPC`.
 * @param now - the time that files bear.
 */
export const createVolume = (initialCapacity: number, losesUnsynced: boolean, now: () => number): Volume => {
  const files = new Map<string, DiskFile>()
  let capacity = initialCapacity
  let used = 0

  const open = (file: StorageFile): DiskFile => {
    const path = file.path.join('/')
    const known = files.get(path)
    if (known !== undefined) return known
    const fresh = losesUnsynced ? createDiskFile() : createSafeFile()
    files.set(path, fresh)
    return fresh
  }
  const bytes: Volume['bytes'] = (layout, offset, length) => {
    const out = new Uint8Array(length)
    for (const span of fileSpans(layout.files, offset, length)) {
      const known = files.get(layout.files[span.file]!.path.join('/'))
      known?.live().read(span.position, out.subarray(span.begin, span.begin + span.length))
    }
    return out
  }

  return {
    bytes,
    used: () => used,
    files: () => [...files.keys()],
    read: (layout, offset, length) => {
      for (const { file, position, length: part } of fileSpans(layout.files, offset, length)) {
        const { isPad, path } = layout.files[file]!
        if (isPad) continue
        const known = files.get(path.join('/'))
        if (known === undefined) return E.left(storageError('read', path, 'ENOENT'))
        if (!known.live().written.covers(position, position + part)) {
          return E.left(storageError('read', path, END_OF_FILE))
        }
      }
      return E.right(bytes(layout, offset, length))
    },
    write: (layout, offset, data) => {
      for (const { file, position, begin, length } of fileSpans(layout.files, offset, data.length)) {
        const target = layout.files[file]!
        if (target.isPad) continue
        const disk = open(target)
        const growth = length - disk.live().written.count(position, position + length)
        if (used + growth > capacity) return E.left(storageError('write', target.path, 'ENOSPC'))
        used += growth
        disk.write(position, data.subarray(begin, begin + length), now())
      }
      return E.right(undefined)
    },
    flush: (layout, isDue) => {
      layout.files.forEach((file, index) => {
        if (file.isPad || file.symlink !== undefined) return
        if (file.length === 0) open(file)
        if (isDue(index)) files.get(file.path.join('/'))?.sync()
      })
    },
    setCapacity: (bytes) => {
      capacity = bytes
    },
    rename: (from, to) => {
      const file = files.get(from.join('/'))
      if (file === undefined) return
      files.delete(from.join('/'))
      files.set(to.join('/'), file)
    },
    remove: (path) => {
      const file = files.get(path.join('/'))
      if (file === undefined) return
      used -= file.live().written.size()
      files.delete(path.join('/'))
    },
    stat: (path) => files.get(path.join('/'))?.stat(),
    crash: (survives) => {
      used = 0
      for (const file of files.values()) {
        file.crash(survives)
        used += file.live().written.size()
      }
    },
  }
}
