import { map, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Hasher, PieceDigests, Storage, StorageError, StorageLayout } from '../deps.js'
import { pieceSize } from '../../operators/piece/geometry.js'
import { geometryOfLayout } from '../storageLayout.js'
import { andThen, orElse } from './andThen.js'
import { inTurn } from './inTurn.js'
import { digestLengthOf, pieceHasher } from './pieceHasher.js'

/** `Storage.hashPieces` for a storage that has nothing better: each piece is read into memory and hashed there. */
export const hashPiecesByReading = (
  read: Storage['read'],
  hasher: Hasher,
  layout: StorageLayout,
): Storage['hashPieces'] => {
  const geometry = geometryOfLayout(layout)
  const hash = pieceHasher(hasher, layout)
  return (first, last) =>
    inTurn(last - first + 1, (index) => {
      const piece = first + index
      return read(piece * layout.pieceLength, pieceSize(geometry, piece)).pipe(
        andThen<StorageError, Uint8Array, PieceDigests>((bytes) =>
          hash(bytes).pipe(map(({ digest }) => E.right(hashed(piece, digest)))),
        ),
        orElse((error) => of(absentOr(piece, digestLengthOf(layout), error))),
      )
    })
}

const hashed = (first: number, digests: Uint8Array): PieceDigests => ({
  first,
  digests,
  present: Uint8Array.of(1),
})

const absentOr = (
  first: number,
  digestLength: number,
  error: StorageError,
): Either<StorageError, PieceDigests> =>
  error.kind === 'missing'
    ? E.right({ first, digests: new Uint8Array(digestLength), present: Uint8Array.of(0) })
    : E.left(error)
