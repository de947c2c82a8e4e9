import { resolve } from 'node:path'
import { defer, finalize, of, scan, switchMap, type Observable, type OperatorFunction } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { sha1Verification, type PieceVerification } from '../../operators/piece/verification.js'
import type { PieceDigests, StorageError } from '../deps.js'
import { createHashPool } from './hashPool.js'
import { locateFiles } from './locateFiles.js'

/** How far a verification is, and what its latest step found. Never changes once emitted. */
export interface VerifyProgress {
  readonly pieceCount: number
  readonly checkedPieces: number
  /** Of those checked: there and right. */
  readonly havePieces: number
  /** Of those checked: there, and not what the torrent says. */
  readonly wrongPieces: number
  /** Of those checked: not there, or not all of it. */
  readonly missingPieces: number
  /** The piece that `verdicts[0]` is about. */
  readonly first: number
  /** See `pieceVerdict`; one a piece of this step. */
  readonly verdicts: Uint8Array
}

/** The values in `VerifyProgress.verdicts`. */
export const pieceVerdict = { missing: 0, wrong: 1, right: 2 } as const

/**
 * Compares a torrent's data below `directory` with its piece hashes (BEP 3); writes nothing. The answer is the sum of
 * `havePieces`: equal to `pieceCount` once all is there and right. A file that a session has renamed is looked for where
 * the resume data in the folder say.
 *
 * Cold. Emits after each batch of pieces, in order, and at least once; completes after the last piece, or after the
 * first `Left`: data that is there but cannot be read. Unsubscribing stops. Throws a `TypeError` for a torrent without
 * a v1 half.
 *
 * @example
 * ```ts
 * verifyData(metainfo, 'downloads').subscribe((step) => {
 *   if (E.isRight(step)) console.log(step.right.checkedPieces, 'of', step.right.pieceCount)
 * })
 * ```
 */
export const verifyData = (
  metainfo: Metainfo,
  directory: string,
): Observable<Either<StorageError, VerifyProgress>> => {
  if (O.isNone(metainfo.infohash.v1))
    throw new TypeError('this torrent has no v1 piece hashes to verify against')
  const { pieceCount, pieces } = metainfo
  const start: VerifyProgress = {
    pieceCount,
    checkedPieces: 0,
    havePieces: 0,
    wrongPieces: 0,
    missingPieces: 0,
    first: 0,
    verdicts: new Uint8Array(),
  }
  if (pieceCount === 0) return of(E.right(start))
  const { isRight } = sha1Verification(pieces)

  return defer(() => {
    const hashPool = createHashPool()
    // Not through a storage: a session may have the files, and this only reads.
    return locateFiles(metainfo, directory).pipe(
      switchMap((layout) => hashPool.hashFiles(resolve(directory), layout, 0, pieceCount - 1)),
      toProgress(isRight, start),
      finalize(() => {
        hashPool.close()
      }),
    )
  })
}

type Step = Either<StorageError, VerifyProgress>
type IsRight = PieceVerification['isRight']

const toProgress = (
  isRight: IsRight,
  start: VerifyProgress,
): OperatorFunction<Either<StorageError, PieceDigests>, Step> =>
  scan(
    (before: Step, batch) =>
      pipe(
        before,
        E.chain((progress) =>
          pipe(
            batch,
            E.map((digests) => advance(progress, digests.first, verdictsOf(digests, isRight))),
          ),
        ),
      ),
    E.right(start),
  )

const SHA1_BYTES = 20

const verdictsOf = ({ first, digests, present }: PieceDigests, isRight: IsRight): Uint8Array => {
  const verdicts = new Uint8Array(present.length)
  for (let index = 0; index < verdicts.length; index += 1) {
    if (present[index] === 0) continue
    const digest = digests.subarray(index * SHA1_BYTES, (index + 1) * SHA1_BYTES)
    verdicts[index] = isRight(first + index, digest) ? pieceVerdict.right : pieceVerdict.wrong
  }
  return verdicts
}

const advance = (before: VerifyProgress, first: number, verdicts: Uint8Array): VerifyProgress => {
  const counts = [0, 0, 0]
  for (const verdict of verdicts) counts[verdict]! += 1
  return {
    pieceCount: before.pieceCount,
    checkedPieces: before.checkedPieces + verdicts.length,
    havePieces: before.havePieces + counts[pieceVerdict.right]!,
    wrongPieces: before.wrongPieces + counts[pieceVerdict.wrong]!,
    missingPieces: before.missingPieces + counts[pieceVerdict.missing]!,
    first,
    verdicts,
  }
}
