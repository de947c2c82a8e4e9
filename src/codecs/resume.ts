import * as t from 'io-ts'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { decodeBencode } from './bencode/decodeBencode.js'
import { encodeBencode } from './bencode/encodeBencode.js'
import { invalidAt, readFields } from './bencode/fields.js'
import { spanAt } from './bencode/spanAt.js'
import type { BencodeInput } from './bencode/value.js'
import { rawBencode } from './bencode/value.js'
import { equalBytes } from './bytes.js'
import type { DecodeError } from './errors.js'
import { showDecodeError } from './errors.js'
import { sha1 } from './infohash.js'
import { MAX_RESUME_BYTES, MAX_RESUME_TOKENS } from './limits.js'
import type { Metainfo } from './metainfoModel.js'
import { fitTorrent, resumeInfohash } from './resume/fitTorrent.js'
import { Envelope, Fields, type ResumeFields } from './resume/resumeFields.js'
import type { ResumeData as Model, ResumeError, Unsynced } from './resume/resumeModel.js'
import type { PathPlatform } from './safePath.js'

export type {
  FileStat,
  PartialPiece,
  ResumeError,
  ResumeField,
  ResumeTotals,
  Unsynced,
} from './resume/resumeModel.js'
export type { RenamedFile } from './renameFiles.js'
export { resumeInfohash } from './resume/fitTorrent.js'
export { isBootId, isKeptTracker } from './resume/resumeFields.js'

export type ResumeData = Model

export interface ResumeOptions {
  /** Whose file names the paths of renamed files have to be; `posix` unless given. */
  readonly platform?: PathPlatform
}

/** The version that is written, and the latest that is read. */
const RESUME_VERSION = 1

/**
 * Reads resume data for a torrent. Strict: what is torn, damaged, of another torrent, of a later version or in itself
 * impossible is a `Left`, and nothing of it is used. Never throws; byte strings are views of `bytes`.
 *
 * That it decodes says that it was written for this torrent, not that the files are still what they were: compare
 * `files` with what the storage says now.
 *
 * @example
 * ```ts
 * pipe(decodeResume(bytes, metainfo), E.map(({ pieces }) => pieces))
 * ```
 */
export const decodeResume = (
  bytes: Uint8Array,
  metainfo: Metainfo,
  { platform = 'posix' }: ResumeOptions = {},
): Either<ResumeError, ResumeData> => {
  if (bytes.length > MAX_RESUME_BYTES) {
    return E.left({ _tag: 'ResumeTooLarge', allowed: MAX_RESUME_BYTES, actual: bytes.length })
  }
  const document = decodeBencode(bytes, { maxBytes: MAX_RESUME_BYTES, maxTokens: MAX_RESUME_TOKENS })
  if (E.isLeft(document)) return malformed(document.left)
  const { value, isCanonical } = document.right
  const envelope = readFields(Envelope, value, bytes)
  if (E.isLeft(envelope)) return malformed(envelope.left)
  const { digest, resume, version } = envelope.right
  if (version > RESUME_VERSION) return E.left({ _tag: 'ResumeVersionUnknown', version })
  const span = spanAt(bytes, ['resume'])
  if (span === undefined || !equalBytes(sha1(bytes.subarray(span.start, span.end)), digest)) {
    return E.left({ _tag: 'ResumeDamaged' })
  }
  if (!isCanonical) return malformed(invalidAt(bytes, [], 'keys in order'))
  const fields = readFields(Fields, resume, bytes, ['resume'])
  if (E.isLeft(fields)) return malformed(fields.left)
  const data = fromFields(fields.right)
  if (!equalBytes(data.infohash, resumeInfohash(metainfo))) return E.left({ _tag: 'ResumeForeign' })
  const field = fitTorrent(data, metainfo, platform)
  return field === undefined ? E.right(data) : E.left({ _tag: 'ResumeMismatch', field })
}

/** The one form of resume data in bytes. Throws a `RangeError` for numbers that are no integers. */
export const encodeResume = (data: ResumeData): Uint8Array => {
  const resume = encode(Fields.encode(toFields(data)))
  return encode(
    new Map<string, BencodeInput>([
      ['digest', sha1(resume)],
      ['resume', rawBencode(resume)],
      ['version', RESUME_VERSION],
    ]),
  )
}

/** `decodeResume` and `encodeResume` as an io-ts codec for one torrent. Its errors are one line of text. */
export const ResumeData = (metainfo: Metainfo): t.Type<ResumeData, Uint8Array> =>
  new t.Type(
    'ResumeData',
    (u): u is ResumeData =>
      typeof u === 'object' && u !== null && 'infohash' in u && 'pieces' in u && 'partial' in u,
    (u, context) => {
      if (!(u instanceof Uint8Array)) return t.failure(u, context, 'expected a byte string')
      const data = decodeResume(u, metainfo)
      return E.isRight(data) ? data : t.failure(u, context, showResumeError(data.left))
    },
    encodeResume,
  )

/**
 * One line for a person. Never contains bytes of the input.
 *
 * @example
 * ```ts
 * const read = decodeResume(bytes, metainfo)
 * if (E.isLeft(read)) console.error(showResumeError(read.left)) // 'the resume data are of another torrent'
 * ```
 */
export const showResumeError = (error: ResumeError): string => {
  switch (error._tag) {
    case 'ResumeTooLarge':
      return `the resume data are ${String(error.actual)} bytes long, more than the ${String(error.allowed)} allowed`
    case 'ResumeMalformed':
      return `the resume data cannot be read: ${showDecodeError(error.error)}`
    case 'ResumeDamaged':
      return 'the resume data are damaged'
    case 'ResumeVersionUnknown':
      return `the resume data are of version ${String(error.version)}, which this release does not know`
    case 'ResumeForeign':
      return 'the resume data are of another torrent'
    case 'ResumeMismatch':
      return `the resume data do not fit the torrent: ${error.field}`
    case 'ResumeStoreFailed':
      return `cannot ${error.operation} the resume data: ${error.code}`
  }
}

const malformed = (error: DecodeError): Either<ResumeError, never> =>
  E.left({ _tag: 'ResumeMalformed', error })

const encode = (value: BencodeInput): Uint8Array =>
  E.getOrElse((): Uint8Array => {
    throw new RangeError('not resume data')
  })(encodeBencode(value))

const fromFields = (fields: ResumeFields): ResumeData => ({
  infohash: fields.infohash,
  pieces: fields.pieces,
  unsynced: O.map(({ boot, pieces }: NonNullable<ResumeFields['unsynced']>): Unsynced => ({
    bootId: boot,
    pieces,
  }))(O.fromNullable(fields.unsynced)),
  blockLength: fields['block length'],
  partial: fields.partial,
  priorities: fields.priorities,
  peers: fields.peers,
  trackers: fields.trackers,
  removedTrackers: fields['removed trackers'] ?? [],
  totals: { downloaded: fields.downloaded, uploaded: fields.uploaded },
  files: fields.files,
  renamed: fields.renamed ?? [],
  addedAt: fields['added at'],
})

const toFields = (data: ResumeData): ResumeFields => ({
  'added at': data.addedAt,
  'block length': data.blockLength,
  downloaded: data.totals.downloaded,
  files: data.files,
  infohash: data.infohash,
  partial: data.partial,
  peers: data.peers,
  pieces: data.pieces,
  priorities: data.priorities,
  'removed trackers': data.removedTrackers.length === 0 ? undefined : data.removedTrackers,
  renamed: data.renamed.length === 0 ? undefined : data.renamed,
  trackers: data.trackers,
  unsynced: O.toUndefined(O.map(({ bootId, pieces }: Unsynced) => ({ boot: bootId, pieces }))(data.unsynced)),
  uploaded: data.totals.uploaded,
})
