import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { FileSpan } from '../../operators/piece/fileMap.js'
import type { Hasher, OpenStorage, Storage, StorageError, StorageLayout } from '../deps.js'
import { hashPiecesByReading } from './hashPiecesByReading.js'
import { newMemoryFile, readMemoryFile, writeMemoryFile } from './memoryFile.js'
import type { MemoryFile } from './memoryFile.js'
import { renamedFiles } from './renamedFiles.js'
import { CLOSED, storageError } from './storageError.js'
import { trampoline } from './trampoline.js'

/**
 * Files in memory, by path. What was written stays for the next one that opens storage with the same function, as on
 * a disk. Answers at once, but never within the call of another answer. It cannot be moved, and has no times of change;
 * memory is taken for what is written, so that nothing is made of files that are not wanted.
 *
 * @example
 * ```ts
 * const openStorage = memoryStorage(hasher)
 * ```
 */
export const memoryStorage = (hasher: Hasher): OpenStorage => {
  const disk = new Map<string, MemoryFile>()
  return (layout) =>
    new Observable((subscriber) => {
      const { storage, close } = openMemory(layout, disk, hasher)
      subscriber.next(E.right(storage))
      return close
    })
}

const openMemory = (
  layout: StorageLayout,
  disk: Map<string, MemoryFile>,
  hasher: Hasher,
): { readonly storage: Storage; readonly close: () => void } => {
  const inOrder = trampoline()
  let { files } = layout
  let isClosed = false

  const answer = <A>(
    operation: StorageError['operation'],
    run: () => Either<StorageError, A>,
  ): Observable<Either<StorageError, A>> =>
    new Observable((subscriber) => {
      inOrder(() => {
        if (subscriber.closed) return
        subscriber.next(isClosed ? E.left(storageError(operation, [], CLOSED)) : run())
        subscriber.complete()
      })
    })

  const fileOf = (path: ReadonlyArray<string>): MemoryFile => {
    const name = path.join('/')
    const known = disk.get(name)
    if (known !== undefined) return known
    const file = newMemoryFile()
    disk.set(name, file)
    return file
  }

  /** Does `move` to the parts of an interval; the first one that fails is missing. */
  const transfer = (
    operation: 'read' | 'write',
    offset: number,
    bytes: Uint8Array,
    move: (file: MemoryFile, position: number, part: Uint8Array) => boolean,
  ): Either<StorageError, Uint8Array> => {
    const failed = fileSpans(files, offset, bytes.length).find(
      ({ file, position, begin, length }: FileSpan) => {
        const { path, isPad } = files[file]!
        return !isPad && !move(fileOf(path), position, bytes.subarray(begin, begin + length))
      },
    )
    return failed === undefined
      ? E.right(bytes)
      : E.left(storageError(operation, files[failed.file]!.path, 'ENOENT'))
  }

  const read: Storage['read'] = (offset, length) =>
    answer('read', () => transfer('read', offset, new Uint8Array(length), readMemoryFile))

  return {
    storage: {
      get paths() {
        return files.map(({ path }) => path)
      },
      read,
      write: (offset, bytes) =>
        answer('write', () =>
          E.map(() => undefined)(
            transfer('write', offset, bytes, (file, position, part) => {
              writeMemoryFile(file, position, part)
              return true
            }),
          ),
        ),
      flush: () => answer('flush', () => E.right(undefined)),
      hashPieces: hashPiecesByReading(read, hasher, layout),
      rename: (index, path) =>
        answer('rename', () => {
          const renamed = renamedFiles(files, index, path, 'posix')
          if (E.isLeft(renamed)) return renamed
          const from = files[index]!.path.join('/')
          const to = path.join('/')
          if (from !== to && disk.has(to)) return E.left(storageError('rename', path, 'EEXIST'))
          const file = disk.get(from)
          disk.delete(from)
          if (file !== undefined) disk.set(to, file)
          files = renamed.right
          return E.right(undefined)
        }),
      remove: () =>
        answer('remove', () => {
          isClosed = true
          for (const { path, isPad } of files) if (!isPad) disk.delete(path.join('/'))
          return E.right(undefined)
        }),
    },
    close: () => {
      isClosed = true
    },
  }
}
