import { basename, resolve } from 'node:path'
import { defer, finalize, map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { spanAt } from '../../codecs/bencode.js'
import { invalidField, limitExceeded } from '../../codecs/errors.js'
import type { DecodeError } from '../../codecs/errors.js'
import { MAX_PIECES } from '../../codecs/limits.js'
import { makeMetainfo } from '../../codecs/metainfo/makeMetainfo.js'
import type { MetainfoDraft } from '../../codecs/metainfo/makeMetainfo.js'
import { choosePieceLength } from '../../operators/piece/choosePieceLength.js'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { PieceDigests, StorageError } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { inTurn } from '../disk/inTurn.js'
import { END_OF_FILE, storageError } from '../disk/storageError.js'
import { findContent } from './findContent.js'
import type { Content } from './findContent.js'
import { createHashPool } from './hashPool.js'
import type { HashLayout } from './hashFiles.js'
import type { HashPool } from './hashPool.js'
import type { UnsupportedEntry, WalkedFile } from './walkFiles.js'

const SHA1_BYTES = 20

/** What to share, and what the torrent says about it. */
export interface CreateTorrentOptions extends Omit<
  MetainfoDraft,
  'name' | 'content' | 'pieceLength' | 'pieces'
> {
  /** A file or a folder. */
  readonly path: string
  /** The name of the file or folder, unless given. */
  readonly name?: string
  /** Bytes; chosen to give 1 000 to 2 000 pieces, from 16 KiB to 16 MiB, unless given. */
  readonly pieceLength?: number
  /** Where to hash; a pool of its own unless given. */
  readonly hashPool?: HashPool
}

export type CreateEvent =
  | {
      readonly _tag: 'Hashing'
      readonly hashedPieces: number
      readonly pieceCount: number
      /** Bytes of payload. */
      readonly hashedBytes: number
      readonly totalSize: number
    }
  /** The bytes of the .torrent file. */
  | { readonly _tag: 'Created'; readonly torrent: Uint8Array }

export type CreateError =
  | StorageError
  | UnsupportedEntry
  /** There is not a single byte to share. */
  | { readonly _tag: 'NothingToShare' }
  /** The options do not make a torrent: a name that is not safe, a piece length that is none … */
  | { readonly _tag: 'InvalidDraft'; readonly error: DecodeError }

/**
 * Makes a v1 .torrent file (BEP 3) of a file or folder. The same files and options give the same bytes; no date is
 * written unless given. See `walkFiles` for what a folder may hold.
 *
 * Cold; reads and hashes in a worker. Emits `Hashing` at the begin and after each batch of pieces, then `Created`, and
 * completes; a `Left` ends it. Unsubscribing stops.
 *
 * @example
 * ```ts
 * createTorrent({ path: 'photos', trackers: [['http://tracker.example/announce']] }).subscribe((event) => {
 *   if (E.isRight(event) && event.right._tag === 'Created') writeFileSync('photos.torrent', event.right.torrent)
 * })
 * ```
 */
export const createTorrent = (options: CreateTorrentOptions): Observable<Either<CreateError, CreateEvent>> =>
  defer(() => {
    const { hashPool = createHashPool() } = options
    return findContent(options.path).pipe(
      andThen((content) => hashContent(content, options, hashPool)),
      finalize(() => {
        if (options.hashPool === undefined) hashPool.close()
      }),
    )
  })

const hashContent = (
  { root, files, isFolder }: Content,
  options: CreateTorrentOptions,
  hashPool: HashPool,
): Observable<Either<CreateError, CreateEvent>> => {
  const totalSize = files.reduce((sum, { length }) => sum + length, 0)
  const pieceLength = options.pieceLength ?? choosePieceLength(totalSize)
  const pieceCount = Math.ceil(totalSize / pieceLength)
  const obstacle = obstacleTo(totalSize, pieceLength, pieceCount)
  if (obstacle !== undefined) return of(E.left(obstacle))

  const { path, hashPool: _, ...said } = options
  // What is wrong with the options is known now, not after an hour of hashing.
  const draft = makeMetainfo({
    ...said,
    name: options.name ?? basename(resolve(path)),
    content: isFolder ? files : totalSize,
    pieceLength,
    pieces: new Uint8Array(pieceCount * SHA1_BYTES),
  })
  if (E.isLeft(draft)) return of(E.left({ _tag: 'InvalidDraft', error: draft.left } as const))
  const torrent = draft.right
  // Hashes are written where the torrent has them; every draft has them somewhere.
  const { end } = spanAt(torrent, ['info', 'pieces'])!
  const pieces = torrent.subarray(end - pieceCount * SHA1_BYTES, end)

  const layout = layOut(files, totalSize, pieceLength)
  const hashed = (hashedPieces: number): Either<CreateError, CreateEvent> =>
    E.right({
      _tag: 'Hashing',
      hashedPieces,
      pieceCount,
      hashedBytes: Math.min(totalSize, hashedPieces * pieceLength),
      totalSize,
    })
  const take = ({ first, digests, present }: PieceDigests): Either<CreateError, CreateEvent> => {
    const absent = present.indexOf(0)
    if (absent !== -1) return E.left(cutShort(layout, first + absent))
    pieces.set(digests, first * SHA1_BYTES)
    return hashed(first + present.length)
  }
  const steps = [
    () => of(hashed(0)),
    () => hashPool.hashFiles(root, layout, 0, pieceCount - 1).pipe(map(E.chainW(take))),
    () => of(E.right({ _tag: 'Created', torrent } as const)),
  ]
  return inTurn(steps.length, (step) => steps[step]!())
}

const layOut = (files: ReadonlyArray<WalkedFile>, length: number, pieceLength: number): HashLayout => {
  let offset = 0
  return {
    pieceLength,
    length,
    files: files.map((file) => {
      const laid = { ...file, offset, isPad: false, isExecutable: false, symlink: undefined }
      offset += file.length
      return laid
    }),
  }
}

/** A file has become shorter, or gone, since it was measured. */
const cutShort = ({ files, pieceLength, length }: HashLayout, piece: number): CreateError => {
  const begin = piece * pieceLength
  const [span] = fileSpans(files, begin, Math.min(pieceLength, length - begin))
  return storageError('hash', span === undefined ? [] : files[span.file]!.path, END_OF_FILE)
}

const obstacleTo = (totalSize: number, pieceLength: number, pieceCount: number): CreateError | undefined => {
  if (totalSize === 0) return { _tag: 'NothingToShare' }
  if (!Number.isSafeInteger(pieceLength) || pieceLength < 1) {
    return { _tag: 'InvalidDraft', error: invalidField('piece length', 'a positive integer') }
  }
  return pieceCount > MAX_PIECES
    ? { _tag: 'InvalidDraft', error: limitExceeded('pieces', MAX_PIECES, pieceCount, 'piece length') }
    : undefined
}
