import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import type { BencodeValue } from '../bencode.js'
import { decodeBencode, spanAt } from '../bencode.js'
import { readFields } from '../bencode/fields.js'
import { toHex } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { sha1, sha256 } from '../infohash.js'
import { MAX_PIECES } from '../limits.js'
import { MERKLE_BLOCK_LENGTH } from '../merkle.js'
import type { FileEntry, Metainfo } from '../metainfoModel.js'
import type { PathPlatform } from '../safePath.js'
import { sanitizeElement } from '../safePath.js'
import { alignFiles, mergeHybrid } from './alignFiles.js'
import { InfoFields } from './infoFields.js'
import { layFiles } from './layFiles.js'
import type { ListedFile } from './listedFile.js'
import type { Place } from './place.js'
import { below, invalid, overLimit } from './place.js'
import { v1Files } from './v1Files.js'
import { v2Files } from './v2Files.js'

export interface MetainfoOptions {
  /** Whose rules file names must fit; default `posix`. */
  readonly platform?: PathPlatform
}

/**
 * Reads an `info` dictionary alone, as peers send it for a magnet link (BEP 9): a `Metainfo` without trackers, web
 * seeds, piece layers and comments. Checks no hash: compare `infohash` with the one that was asked for.
 */
export const decodeInfo = (
  bytes: Uint8Array,
  options: MetainfoOptions = {},
): Either<DecodeError, Metainfo> => {
  // A copy of our own: nothing can change it under us, and it does not hold a larger buffer in memory.
  const own = new Uint8Array(bytes)
  return pipe(
    decodeBencode(own),
    E.chain(({ value, isCanonical }) => readInfo(value, { bytes: own, path: [] }, isCanonical, options)),
  )
}

export const readInfo = (
  value: BencodeValue | undefined,
  place: Place,
  isCanonical: boolean,
  { platform = 'posix' }: MetainfoOptions,
): Either<DecodeError, Metainfo> =>
  pipe(
    E.Do,
    E.bind('fields', () => readFields(InfoFields, value, place.bytes, place.path)),
    E.bind('version', ({ fields }) => versionOf(fields, place)),
    E.chainFirst(({ fields, version }) => checkPieceLength(fields, version, place)),
    E.bind('listed', ({ fields, version }) => listFiles(fields, version, place)),
    E.bind('identity', ({ fields, version }) => E.right(identify(fields, version, place, platform))),
    E.bind('files', ({ listed, identity }) =>
      layFiles(listed, identity.name, platform, below(place, 'files')),
    ),
    E.bind('streamLength', ({ files }) => checkStream(files, place)),
    E.bind('pieces', ({ fields, version, streamLength }) =>
      checkPieces(fields, version, streamLength, place),
    ),
    E.map(({ fields, version, identity, files, streamLength, pieces }) => ({
      ...identity,
      version,
      pieceLength: fields['piece length'],
      pieceCount: Math.ceil(streamLength / fields['piece length']),
      totalSize: files.reduce((total, { length, isPad }) => total + (isPad ? 0 : length), 0),
      streamLength,
      files,
      pieces,
      pieceLayers: new Map(),
      isPrivate: fields.private === 1,
      trackers: [],
      webSeeds: [],
      httpSeeds: [],
      nodes: [],
      comment: O.none,
      createdBy: O.none,
      creationDate: O.none,
      isCanonical,
    })),
  )

type Version = Metainfo['version']

const versionOf = (fields: InfoFields, place: Place): Either<DecodeError, Version> => {
  const { 'meta version': version = 1, pieces } = fields
  if (version === 1) return E.right('v1')
  if (version !== 2) return E.left(invalid(below(place, 'meta version'), 'meta version 1 or 2'))
  return E.right(pieces === undefined ? 'v2' : 'hybrid')
}

const checkPieceLength = (
  { 'piece length': length }: InfoFields,
  version: Version,
  place: Place,
): Either<DecodeError, void> => {
  const isPowerOfTwo = Number.isInteger(Math.log2(length))
  return version === 'v1' || (isPowerOfTwo && length >= MERKLE_BLOCK_LENGTH)
    ? E.right(undefined)
    : E.left(invalid(below(place, 'piece length'), 'a power of two, at least 16384'))
}

const listFiles = (
  fields: InfoFields,
  version: Version,
  place: Place,
): Either<DecodeError, ReadonlyArray<ListedFile>> => {
  const pieceLength = fields['piece length']
  if (version === 'v1') return v1Files(fields, place)
  if (version === 'v2') {
    return pipe(
      v2Files(fields, place),
      E.map((files) => alignFiles(files, pieceLength)),
    )
  }
  return pipe(
    E.Do,
    E.bind('v1', () => v1Files(fields, place)),
    E.bind('v2', () => v2Files(fields, place)),
    E.chain(({ v1, v2 }) => mergeHybrid(v1, v2, pieceLength, below(place, 'file tree'))),
  )
}

/** What tells a torrent from others: the raw bytes, their hashes, and the name, or the hash where that is no name. */
const identify = (
  fields: InfoFields,
  version: Version,
  { bytes, path }: Place,
  platform: PathPlatform,
): Pick<Metainfo, 'info' | 'infohash' | 'name'> => {
  const { start, end } = spanAt(bytes, path) ?? { start: 0, end: bytes.length }
  const info = bytes.subarray(start, end)
  const v1 = version === 'v2' ? O.none : O.some(sha1(info))
  const v2 = version === 'v1' ? O.none : O.some(sha256(info))
  const written = sanitizeElement(fields['name.utf-8'] ?? fields.name, platform)
  const hash = O.isSome(v1) ? v1.value : sha256(info)
  return { info, infohash: { v1, v2 }, name: written === '' ? toHex(hash) : written }
}

const checkStream = (files: ReadonlyArray<FileEntry>, place: Place): Either<DecodeError, number> => {
  const last = files[files.length - 1]
  const length = last === undefined ? 0 : last.offset + last.length
  return length > 0 ? E.right(length) : E.left(invalid(place, 'at least one byte of data'))
}

const checkPieces = (
  fields: InfoFields,
  version: Version,
  streamLength: number,
  place: Place,
): Either<DecodeError, Uint8Array> => {
  const { pieces, 'piece length': pieceLength } = fields
  const count = Math.ceil(streamLength / pieceLength)
  if (count > MAX_PIECES) return E.left(overLimit(place, 'pieces', MAX_PIECES, count))
  if (version === 'v2') return E.right(NO_PIECES)
  return pieces?.length === 20 * count
    ? E.right(pieces)
    : E.left(
        invalid(
          below(place, 'pieces'),
          `${String(20 * count)} bytes: 20 for each of ${String(count)} pieces`,
        ),
      )
}

const NO_PIECES = new Uint8Array(0)
