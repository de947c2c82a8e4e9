import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import type { BencodeInput } from '../bencode.js'
import { encodeBencode } from '../bencode.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import type { Metainfo } from '../metainfoModel.js'
import { decodeMetainfo } from './decodeMetainfo.js'
import { encodeMetainfo } from './encodeMetainfo.js'

/** What a new v1 torrent says. */
export interface MetainfoDraft {
  /** Name of the file, or of the folder that `files` lie in. */
  readonly name: string
  /** One file called `name` of this length, or the files of a folder, in the order of the stream. */
  readonly content: number | ReadonlyArray<{ readonly path: ReadonlyArray<string>; readonly length: number }>
  readonly pieceLength: number
  /** SHA-1 of each piece, 20 bytes each. */
  readonly pieces: Uint8Array
  /** Announce URLs by tier. */
  readonly trackers?: ReadonlyArray<ReadonlyArray<string>>
  readonly webSeeds?: ReadonlyArray<string>
  readonly isPrivate?: boolean
  /** Goes into `info`: gives a torrent of the same files another infohash. */
  readonly source?: string
  readonly comment?: string
  readonly createdBy?: string
  /** Seconds since 1970. */
  readonly creationDate?: number
}

/**
 * The .torrent file for a draft, canonical. `Left` if it would not come back as it is: lengths that do not fit the
 * pieces, paths that are unsafe or taken, URLs that are none. Web seeds of a folder get a slash at the end.
 *
 * @example
 * ```ts
 * makeMetainfo({ name: 'hello.txt', content: 5, pieceLength: 16384, pieces: sha1(toUtf8('hello')) })
 * ```
 */
export const makeMetainfo = (draft: MetainfoDraft): Either<DecodeError, Uint8Array> =>
  pipe(
    encodeBencode(draftRoot(draft)),
    E.mapLeft(() => invalidField('', 'integers')),
    E.chain((bytes) => decodeMetainfo(bytes)),
    E.chain((metainfo) => {
      const missing = firstLoss(draft, metainfo)
      return missing === undefined ? E.right(encodeMetainfo(metainfo)) : E.left(missing)
    }),
  )

const draftRoot = (draft: MetainfoDraft): BencodeInput => {
  const { trackers = [], webSeeds = [] } = draft
  return record({
    'announce-list': trackers,
    comment: draft.comment,
    'created by': draft.createdBy,
    'creation date': draft.creationDate,
    info: record({
      ...(typeof draft.content === 'number'
        ? { length: draft.content }
        : { files: draft.content.map(({ path, length }) => record({ length, path })) }),
      name: draft.name,
      'piece length': draft.pieceLength,
      pieces: draft.pieces,
      private: draft.isPrivate === true ? 1 : undefined,
      source: draft.source,
    }),
    'url-list': webSeeds,
  })
}

const record = (fields: Readonly<Record<string, BencodeInput | undefined>>): BencodeInput =>
  new Map(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  )

/** The decoder leaves out or changes what it cannot use. In a torrent of our own that is a mistake of the caller. */
const firstLoss = (draft: MetainfoDraft, metainfo: Metainfo): DecodeError | undefined => {
  const { trackers = [], webSeeds = [] } = draft
  if (metainfo.name !== draft.name) return invalidField('name', 'a safe file name')
  if (typeof draft.content !== 'number') {
    const unsafe = draft.content.findIndex(({ path }, i) => !isSame(path, metainfo.files[i]?.path.slice(1)))
    if (unsafe !== -1) return invalidField(`files[${String(unsafe)}].path`, 'a safe path that is not taken')
  }
  const kept = metainfo.trackers.flat()
  if (!isSame(trackers.flat(), kept)) return invalidField('announce-list', 'announce URLs')
  return metainfo.webSeeds.length === webSeeds.length
    ? undefined
    : invalidField('url-list', 'URLs of web seeds, each once')
}

const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string> = []): boolean =>
  a.length === b.length && a.every((item, i) => item === b[i])
