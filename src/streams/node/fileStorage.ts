import { close } from 'node:fs'
import { join, resolve } from 'node:path'
import { Observable, defer, map, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { FileSpan } from '../../operators/piece/fileMap.js'
import type { OpenStorage, Storage, StorageError, StorageFile, StorageLayout } from '../deps.js'
import { inTurn } from '../disk/inTurn.js'
import { oneAtATime } from '../disk/oneAtATime.js'
import { settle } from '../disk/settle.js'
import { CLOSED, storageError } from '../disk/storageError.js'
import { flushFiles } from './flushFiles.js'
import { createFolders } from './folders.js'
import { createHandlePool } from './handlePool.js'
import type { HandlePool } from './handlePool.js'
import type { HashPool } from './hashPool.js'
import { createLanes } from './lanes.js'
import { statFiles } from './statFiles.js'
import { createTorrentFiles } from './torrentFiles.js'
import { readFully, writeFully } from './transfer.js'

const MAX_OPEN_FILES = 40

export interface FileStorageOptions {
  /** The download folder; made when the first file is. */
  readonly directory: string
  /** Where pieces are hashed. */
  readonly hashPool: HashPool
  /** Files open at most, over all torrents opened with this function; 40 unless given. */
  readonly maxOpenFiles?: number
}

/**
 * Files below a folder of the system. A file is created, sparse, with its first byte, and is never truncated; symlinks
 * below the folder are never followed, and what stands in a file's way is a `conflict`. A hole in a file that somebody
 * wrote further on reads as zeros: only pieces that were verified are worth reading.
 *
 * A file belongs to one open storage at a time; another that wants it is a `conflict`.
 */
export const fileStorage = ({ directory, hashPool, maxOpenFiles }: FileStorageOptions): OpenStorage => {
  const root = resolve(directory)
  const pool = createHandlePool({
    maxOpen: maxOpenFiles ?? MAX_OPEN_FILES,
    close: (fd, done) => {
      close(fd, done)
    },
  })
  const taken = new Set<string>()

  return (layout) =>
    new Observable((subscriber) => {
      const paths = layout.files.filter(isOnDisk).map(({ path }) => join(...path))
      const rival = layout.files.find((file) => isOnDisk(file) && taken.has(join(...file.path)))
      if (rival !== undefined) {
        subscriber.next(E.left(storageError('open', rival.path, 'EEXIST')))
        subscriber.complete()
        return undefined
      }
      for (const path of paths) taken.add(path)
      const { storage, release } = openTorrent(root, layout, pool, hashPool)
      subscriber.next(E.right(storage))
      return () => {
        for (const path of paths) taken.delete(path)
        release()
      }
    })
}

const openTorrent = (
  root: string,
  layout: StorageLayout,
  pool: HandlePool,
  hashPool: HashPool,
): { readonly storage: Storage; readonly release: () => void } => {
  const { files } = layout
  const folders = createFolders(root)
  const handles = createTorrentFiles(root, files, folders, pool)
  const inLane = createLanes()
  // A flush that began while another syncs the file would take it for done.
  const flushInLine = oneAtATime()
  const dirty = new Set<number>()
  const bare = new Set([...files.keys()].filter((index) => isBare(files[index]!)))
  let isClosed = false

  const whileOpen = <A>(
    operation: StorageError['operation'],
    run: () => Observable<Either<StorageError, A>>,
  ): Observable<Either<StorageError, A>> =>
    defer(() => (isClosed ? of(E.left(storageError(operation, [], CLOSED))) : run()))

  const spansOf = (offset: number, length: number): ReadonlyArray<FileSpan> =>
    fileSpans(files, offset, length).filter(({ file }) => isOnDisk(files[file]!))

  /** Runs over the parts of an interval, one file after the other. */
  const transfer = (
    operation: 'read' | 'write',
    offset: number,
    bytes: Uint8Array,
  ): Observable<Either<StorageError, void>> => {
    const moveSpan = ({ file, position, begin, length }: FileSpan): Observable<Either<StorageError, void>> =>
      handles
        .use<void>(file, operation, (fd, answer) => {
          const part = bytes.subarray(begin, begin + length)
          if (operation === 'read') {
            readFully(fd, part, position, answer)
            return
          }
          inLane(file, (done) => {
            writeFully(fd, part, position, (result) => {
              dirty.add(file)
              done()
              answer(result)
            })
          })
        })
        .pipe(map(E.mapLeft((code) => storageError(operation, files[file]!.path, code))))
    const spans = spansOf(offset, bytes.length)
    return spans.length === 1
      ? moveSpan(spans[0]!)
      : inTurn(spans.length, (index) => moveSpan(spans[index]!)).pipe(settle(undefined))
  }

  return {
    storage: {
      read: (offset, length) =>
        whileOpen('read', () => {
          const bytes = new Uint8Array(length)
          return transfer('read', offset, bytes).pipe(map(E.map(() => bytes)))
        }),
      write: (offset, bytes) => whileOpen('write', () => transfer('write', offset, bytes)),
      flush: () =>
        whileOpen('flush', () => flushInLine(flushFiles({ root, files, folders, handles, dirty, bare }))),
      stat: () => whileOpen('read', () => statFiles(root, files, folders)),
      hashPieces: (first, last) => whileOpen('hash', () => hashPool.hashFiles(root, layout, first, last)),
    },
    release: () => {
      isClosed = true
      handles.close()
    },
  }
}

const isOnDisk = ({ isPad, symlink }: StorageFile): boolean => !isPad && symlink === undefined

const isBare = ({ isPad, length, symlink }: StorageFile): boolean =>
  !isPad && (length === 0 || symlink !== undefined)
