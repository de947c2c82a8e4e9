import { resolve } from 'node:path'
import { defer, finalize, map, of, scan, switchMap, type Observable, type OperatorFunction } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { geometryOf } from '../../operators/piece/geometryOf.js'
import { piecePriorities, prioritiesProblem } from '../../operators/piece/piecePriorities.js'
import { verificationOf, type PieceVerification } from '../../operators/piece/verification.js'
import type { LongFile, PieceDigests, StorageError, StorageLayout } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { inTurn } from '../disk/inTurn.js'
import { createFolders } from './folders.js'
import { createHashPool } from './hashPool.js'
import { locateFiles } from './locateFiles.js'
import { findLongFiles } from './storage/findLongFiles.js'
import { readParts, type Parts } from './storage/readParts.js'

export interface VerifyOptions {
  /**
   * By file of the torrent, 0 for one that is not wanted, 1 to 7 for the others: see `selectFiles` and
   * `savedPriorities`. All are wanted unless given.
   */
  readonly priorities?: ReadonlyArray<number>
}

/** How far a verification is, and what its latest step found. Never changes once emitted. */
export interface VerifyProgress {
  /** Of the torrent. */
  readonly pieceCount: number
  /** Those that hold a byte of a wanted file: all that are looked at. */
  readonly wantedPieces: number
  readonly checkedPieces: number
  /** Of those checked: there and right. */
  readonly havePieces: number
  /** Of those checked: there, and not what the torrent says. */
  readonly wrongPieces: number
  /** Of those checked: not there, or not all of it. */
  readonly missingPieces: number
  /** Wanted files that have more bytes than the torrent gives them, whatever their pieces are. Known from the start. */
  readonly longFiles: ReadonlyArray<LongFile>
  /** The piece that `verdicts[0]` is about. */
  readonly first: number
  /** See `pieceVerdict`; one a piece of this step. */
  readonly verdicts: Uint8Array
}

/** The values in `VerifyProgress.verdicts`. */
export const pieceVerdict = { missing: 0, wrong: 1, right: 2 } as const

/**
 * Compares a torrent's data below `directory` with its piece hashes (BEP 3, BEP 52); writes nothing. All is there and right once
 * the sum of `havePieces` is equal to `wantedPieces`; whether files go on behind their ends is in `longFiles`.
 *
 * A file that a session has renamed is looked for where the resume data in the folder say. Pieces without a byte of a
 * wanted file are passed over. Of files that are neither wanted nor there, what others share with them is read from the
 * part file, where a session keeps it. Symlinks are not followed.
 *
 * Cold. Emits after each batch of pieces, in order, and at least once; completes after the last piece, or after the
 * first `Left`: data that is there but cannot be read. Unsubscribing stops. Throws a `TypeError` for a v2 torrent
 * without its piece layers, and for priorities that do not fit it.
 *
 * @example
 * ```ts
 * const priorities = selectFiles(metainfo, ({ path }) => path.at(-1)?.endsWith('.jpg') === true)
 * verifyData(metainfo, 'downloads', { priorities }).subscribe((step) => {
 *   if (E.isRight(step)) console.log(step.right.checkedPieces, 'of', step.right.wantedPieces)
 * })
 * ```
 */
export const verifyData = (
  metainfo: Metainfo,
  directory: string,
  options: VerifyOptions = {},
): Observable<Either<StorageError, VerifyProgress>> => {
  const { files, pieceCount } = metainfo
  const verification = verificationOf(metainfo)
  if (verification === undefined) throw new TypeError('this torrent has no piece hashes to verify against')
  const priorities = options.priorities ?? files.map(() => 1)
  const problem = prioritiesProblem(priorities, files.length)
  if (problem !== undefined) throw new TypeError(problem)
  const runs = runsOf(piecePriorities(files, priorities, geometryOf(metainfo)))
  const isWanted = (file: number): boolean => priorities[file] !== 0

  return defer(() => {
    const root = resolve(directory)
    const verify = (layout: StorageLayout): Observable<Step> =>
      findLongFiles({ folders: createFolders(root), files: layout.files }, isWanted).pipe(
        andThen((longFiles) =>
          readParts(root, layout, isWanted).pipe(map(E.map((parts) => ({ parts, longFiles })))),
        ),
        switchMap((found): Observable<Step> => {
          if (E.isLeft(found)) return of(found)
          const { parts, longFiles } = found.right
          const start = { ...NOTHING, pieceCount, wantedPieces: countOf(runs), longFiles }
          if (runs.length === 0) return of(E.right(start))
          return hashRuns(root, layout, runs, parts).pipe(toProgress(start, verdictsOf(verification, parts)))
        }),
      )
    return locateFiles(directory, metainfo).pipe(switchMap(verify))
  })
}

type Step = Either<StorageError, VerifyProgress>

const NOTHING = {
  checkedPieces: 0,
  havePieces: 0,
  wrongPieces: 0,
  missingPieces: 0,
  first: 0,
  verdicts: new Uint8Array(),
}

/** Pieces in a row that are wanted, both ends included. */
interface Run {
  readonly first: number
  readonly last: number
}

const runsOf = (priorities: Uint8Array): ReadonlyArray<Run> => {
  const runs: { readonly first: number; last: number }[] = []
  priorities.forEach((priority, piece) => {
    if (priority === 0) return
    const run = runs.at(-1)
    if (run?.last === piece - 1) run.last = piece
    else runs.push({ first: piece, last: piece })
  })
  return runs
}

const countOf = (runs: ReadonlyArray<Run>): number =>
  runs.reduce((count, { first, last }) => count + last - first + 1, 0)

/** Not through a storage: a session may have the files, and this only reads. */
const hashRuns = (
  root: string,
  layout: StorageLayout,
  runs: ReadonlyArray<Run>,
  { elsewhere }: Parts,
): Observable<Either<StorageError, PieceDigests>> =>
  defer(() => {
    const hashPool = createHashPool()
    return inTurn(runs.length, (index) => {
      const { first, last } = runs[index]!
      return hashPool.hashFiles(root, layout, first, last, elsewhere)
    }).pipe(
      finalize(() => {
        hashPool.close()
      }),
    )
  })

const toProgress = (
  start: VerifyProgress,
  verdictsIn: (digests: PieceDigests) => Uint8Array,
): OperatorFunction<Either<StorageError, PieceDigests>, Step> =>
  scan(
    (before: Step, batch) =>
      pipe(
        before,
        E.chain((progress) =>
          pipe(
            batch,
            E.map((digests) => advance(progress, digests.first, verdictsIn(digests))),
          ),
        ),
      ),
    E.right(start),
  )

const verdictsOf =
  ({ isRight, digestLength }: PieceVerification, parts: Parts) =>
  ({ first, digests, present }: PieceDigests): Uint8Array => {
    const verdicts = new Uint8Array(present.length)
    for (let index = 0; index < verdicts.length; index += 1) {
      if (present[index] === 0) continue
      const piece = first + index
      const digest = digests.subarray(index * digestLength, (index + 1) * digestLength)
      if (isRight(piece, digest)) verdicts[index] = pieceVerdict.right
      else if (parts.has(piece)) verdicts[index] = pieceVerdict.wrong
    }
    return verdicts
  }

const advance = (before: VerifyProgress, first: number, verdicts: Uint8Array): VerifyProgress => {
  const counts = [0, 0, 0]
  for (const verdict of verdicts) counts[verdict]! += 1
  return {
    ...before,
    checkedPieces: before.checkedPieces + verdicts.length,
    havePieces: before.havePieces + counts[pieceVerdict.right]!,
    wrongPieces: before.wrongPieces + counts[pieceVerdict.wrong]!,
    missingPieces: before.missingPieces + counts[pieceVerdict.missing]!,
    first,
    verdicts,
  }
}
