import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Storage, StorageError } from '../deps.js'

/** `Storage.readInto`, of any storage: one that has none is read, and copied. */
export const readInto = (
  storage: Pick<Storage, 'read' | 'readInto'>,
  offset: number,
  parts: ReadonlyArray<Uint8Array>,
): Observable<Either<StorageError, void>> => {
  if (storage.readInto !== undefined) return storage.readInto(offset, parts)
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return storage.read(offset, length).pipe(
    map(
      E.map((bytes) => {
        let at = 0
        for (const part of parts) {
          part.set(bytes.subarray(at, at + part.length))
          at += part.length
        }
      }),
    ),
  )
}
