import { concat, defer, type Observable, of, throwError } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pieceRoot } from '../../codecs/merkle.js'
import { fileSpans } from '../../operators/piece/fileMap.js'
import { pieceSize } from '../../operators/piece/geometry.js'
import type { MoveProgress, PieceDigests, Storage, StorageError, StorageLayout } from '../deps.js'
import { inTurn } from '../disk/inTurn.js'
import { digestLengthOf } from '../disk/pieceHasher.js'
import { geometryOfLayout } from '../storageLayout.js'
import { createPlaces } from './places.js'
import { sha1 } from './sha1.js'
import type { Volume } from './volume.js'

/** One operation of the disk: `act` is called when it is due, again while it answers undefined. */
export type Operate = <A>(
  request: OperationRequest,
  act: () => Either<StorageError, A> | undefined,
) => Observable<Either<StorageError, A>>

export interface OperationRequest {
  readonly operation: StorageError['operation']
  /** Bytes to move. */
  readonly count: number
  /** The file to blame. */
  readonly path: ReadonlyArray<string>
}

/** Bytes a batch of pieces holds, unless one piece alone is longer. */
const BATCH_BYTES = 4_194_304

/**
 * @param writeLength - how many of so many bytes the next write takes.
 * @param close - from here on every operation is answered `closed`.
 */
export const createVirtualStorage = (
  layout: StorageLayout,
  directory: string | undefined,
  volume: Volume,
  operate: Operate,
  writeLength: (wanted: number) => number,
  close: () => void,
): Storage => {
  const places = createPlaces(layout, volume, directory)
  const geometry = geometryOfLayout(layout)
  /** Files that a flush to the device sees to: nobody else's, as with a real one. */
  const dirty = new Set<number>()

  const inside = <A>(isInside: boolean, access: () => Observable<A>): Observable<A> =>
    defer(() => (isInside ? access() : throwError(() => new RangeError('outside of the torrent'))))
  const isInside = (offset: number, length: number): boolean =>
    offset >= 0 && length >= 0 && offset + length <= layout.length
  const fileAt = (offset: number, length: number): ReadonlyArray<string> => {
    const span = fileSpans(layout.files, offset, length)[0]
    return span === undefined ? [] : places.layout().files[span.file]!.path
  }

  const hash = (first: number, last: number): PieceDigests => {
    const size = digestLengthOf(layout)
    const digests = new Uint8Array(size * (last - first + 1))
    const present = new Uint8Array(last - first + 1)
    for (let piece = first; piece <= last; piece++) {
      const bytes = volume.read(places.layout(), piece * layout.pieceLength, pieceSize(geometry, piece))
      if (E.isLeft(bytes)) continue
      const digest =
        layout.pieceHash === 'merkle' ? pieceRoot(bytes.right, layout.pieceLength) : sha1(bytes.right)
      digests.set(digest, size * (piece - first))
      present[piece - first] = 1
    }
    return { first, digests, present }
  }

  return {
    read: (offset, length) =>
      inside(isInside(offset, length), () =>
        operate({ operation: 'read', count: length, path: fileAt(offset, length) }, () =>
          volume.read(places.layout(), offset, length),
        ),
      ),
    write: (offset, bytes) =>
      inside(isInside(offset, bytes.length), () => {
        let done = 0
        return operate(
          { operation: 'write', count: bytes.length, path: fileAt(offset, bytes.length) },
          () => {
            places.decide()
            for (const { file } of fileSpans(layout.files, offset, bytes.length)) dirty.add(file)
            const part = bytes.subarray(done, done + writeLength(bytes.length - done))
            const result = volume.write(places.layout(), offset + done, part)
            done += part.length
            return E.isLeft(result) || done >= bytes.length ? result : undefined
          },
        )
      }),
    flush: (reach = 'device') =>
      operate({ operation: 'flush', count: 0, path: [] }, () => {
        places.decide()
        const due = reach === 'device' ? dirty : new Set<number>()
        volume.flush(places.layout(), (file) => due.has(file))
        due.clear()
        return E.right(undefined)
      }),
    adopt: (files) => {
      for (const file of files) dirty.add(file)
    },
    hashPieces: (first, last) => {
      const perBatch = Math.max(1, Math.floor(BATCH_BYTES / layout.pieceLength))
      const batches = Math.max(0, Math.ceil((last - first + 1) / perBatch))
      return inside(first > last || (first >= 0 && last < geometry.pieceCount), () =>
        inTurn(batches, (batch) => {
          const begin = first + batch * perBatch
          const end = Math.min(begin + perBatch - 1, last)
          const count = (end - begin + 1) * layout.pieceLength
          return operate({ operation: 'hash', count, path: [] }, () => E.right(hash(begin, end)))
        }),
      )
    },
    get directory() {
      return places.directory()
    },
    get paths() {
      return places.paths()
    },
    select: (wanted) =>
      operate({ operation: 'open', count: 0, path: [] }, () => {
        places.select(wanted)
        return E.right(undefined)
      }),
    stat: () => operate({ operation: 'stat', count: 0, path: [] }, () => E.right(places.stat())),
    releaseHandles: () => undefined,
    move: (directory) =>
      defer(() => {
        const totalBytes = places.bytes()
        return concat(
          of(E.right({ movedBytes: 0, totalBytes, isDone: false })),
          operate({ operation: 'move', count: totalBytes, path: [] }, () =>
            E.map((): MoveProgress => ({ movedBytes: totalBytes, totalBytes, isDone: true }))(
              places.move(directory),
            ),
          ),
        )
      }),
    rename: (file, path) => operate({ operation: 'rename', count: 0, path }, () => places.rename(file, path)),
    remove: () =>
      operate({ operation: 'remove', count: 0, path: [] }, () => {
        places.remove()
        close()
        return E.right(undefined)
      }),
  }
}
