import { defer, map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { PieceDigests, StorageError, StorageFile, StorageLayout } from '../deps.js'
import { inOrder } from '../disk/inOrder.js'
import { storageError } from '../disk/storageError.js'
import type { HashAnswer, HashFile, HashJob } from './hashJob.js'

/**
 * Hashed per job: some 10 ms, after which others get their turn, and cancelling takes effect. Workers are at slices side by
 * side: on a disk that turns, their places are near each other.
 */
const SLICE_BYTES = 16 * 1024 * 1024

/** Jobs of one check at a time: two for each of the workers that there are at most. */
export const HASH_JOBS = 8

/** What hashing has to know of a torrent. */
export type HashLayout = Omit<StorageLayout, 'id'>

/** Where a file's bytes are, for one that has them not in the file of its own: see `HashFile`. */
export type Elsewhere = (file: number) => Pick<HashFile, 'path' | 'start'> | undefined

/** How many pieces are hashed per job. */
export const piecesPerJob = (pieceLength: number): number =>
  Math.max(1, Math.floor(SLICE_BYTES / pieceLength))

/**
 * Hashes pieces `first … last` of files below `root`, one slice of them after the other: `run` answers each job once.
 */
export const hashFiles =
  (run: (job: HashJob) => Observable<HashAnswer>) =>
  (
    root: string,
    layout: HashLayout,
    first: number,
    last: number,
    elsewhere?: Elsewhere,
  ): Observable<Either<StorageError, PieceDigests>> => {
    const { pieceLength, length, pieceHash } = layout
    const perSlice = piecesPerJob(pieceLength)
    return inOrder(HASH_JOBS, Math.ceil((last - first + 1) / perSlice), (slice) =>
      defer(() => {
        const from = first + slice * perSlice
        const to = Math.min(last, from + perSlice - 1)
        const begin = from * pieceLength
        const end = Math.min((to + 1) * pieceLength, length)
        const files = fileSpans(layout.files, begin, end - begin).map((span) =>
          hashFile(layout.files[span.file]!, elsewhere?.(span.file)),
        )
        return run({
          _tag: 'Pieces',
          id: 0,
          root,
          files,
          pieceLength,
          length,
          pieceHash,
          first: from,
          last: to,
        }).pipe(map((answer) => digestsOf(answer, from, files)))
      }),
    )
  }

const hashFile = (
  { path, length, offset, isPad, symlink }: StorageFile,
  elsewhere: ReturnType<Elsewhere>,
): HashFile => ({
  path: elsewhere?.path ?? path,
  start: elsewhere?.start ?? 0,
  length,
  offset,
  isOnDisk: !isPad && symlink === undefined,
})

const digestsOf = (
  answer: HashAnswer,
  first: number,
  files: ReadonlyArray<HashFile>,
): Either<StorageError, PieceDigests> => {
  switch (answer._tag) {
    case 'Pieces':
      return E.right({ first, digests: answer.digests, present: answer.present })
    case 'Failed':
      return E.left(storageError('hash', files[answer.file]?.path ?? [], answer.code))
    default:
      return E.left(storageError('hash', [], 'EPROTO'))
  }
}
