import { map, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Hasher, PieceDigests, Storage, StorageError, StorageLayout } from '../deps.js'
import { andThen, orElse } from './andThen.js'
import { inTurn } from './inTurn.js'

const SHA1_BYTES = 20

/** `Storage.hashPieces` for a storage that has nothing better: each piece is read into memory and hashed there. */
export const hashPiecesByReading =
  (read: Storage['read'], hasher: Hasher, { pieceLength, length }: StorageLayout): Storage['hashPieces'] =>
  (first, last) =>
    inTurn(last - first + 1, (index) => {
      const piece = first + index
      const offset = piece * pieceLength
      return read(offset, Math.min(pieceLength, length - offset)).pipe(
        andThen<StorageError, Uint8Array, PieceDigests>((bytes) =>
          hasher.sha1(bytes).pipe(map(({ digest }) => E.right(hashed(piece, digest)))),
        ),
        orElse((error) => of(absentOr(piece, error))),
      )
    })

const hashed = (first: number, digests: Uint8Array): PieceDigests => ({
  first,
  digests,
  present: Uint8Array.of(1),
})

const absentOr = (first: number, error: StorageError): Either<StorageError, PieceDigests> =>
  error.kind === 'missing'
    ? E.right({ first, digests: new Uint8Array(SHA1_BYTES), present: Uint8Array.of(0) })
    : E.left(error)
