import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Storage, StorageError } from '../deps.js'
import { cutParts, lengthOf } from './parts.js'
import { storageError } from './storageError.js'

/**
 * `Storage.readInto`, of any storage: one that has none is read, and copied. From `end` on there are zeros: behind the last
 * file of a v2 torrent some want what fills its piece.
 */
export const readInto = (
  storage: Pick<Storage, 'read' | 'readInto'>,
  offset: number,
  parts: ReadonlyArray<Uint8Array>,
  end: number,
): Observable<Either<StorageError, void>> => {
  const all = lengthOf(parts)
  const length = Math.min(all, end - offset)
  if (length < all) for (const part of cutParts(parts, length, all - length)) part.fill(0)
  const places = length < all ? cutParts(parts, 0, length) : parts
  if (storage.readInto !== undefined) return storage.readInto(offset, places)
  return storage.read(offset, length).pipe(
    map(
      E.chain((bytes): Either<StorageError, void> => {
        // What was in the places before would go to a stranger.
        if (bytes.length !== length) return E.left(storageError('read', [], 'EIO'))
        let at = 0
        for (const place of places) {
          place.set(bytes.subarray(at, at + place.length))
          at += place.length
        }
        return E.right(undefined)
      }),
    ),
  )
}
