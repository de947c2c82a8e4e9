import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { BencodeDict, BencodeValue } from '../bencode.js'
import { decodeBencode } from '../bencode.js'
import { Dict, readFields } from '../bencode/fields.js'
import { fromUtf8 } from '../bytes.js'
import type { DecodeError } from '../errors.js'
import { bencodeError } from '../errors.js'
import type { Metainfo } from '../metainfoModel.js'
import type { MetainfoOptions } from './decodeInfo.js'
import { readInfo } from './decodeInfo.js'
import { readPieceLayers } from './pieceLayers.js'
import { readNodes, readTrackers, readWebSeeds } from './sources.js'

/**
 * Reads a .torrent file: v1 (BEP 3), v2 and hybrid (BEP 52). What comes out is consistent, within limits, and its
 * paths are safe to create; see `Metainfo`. Never throws. Keeps a copy of `bytes`, not `bytes`.
 *
 * A line break behind the document is let through, other bytes are not.
 *
 * @example
 * ```ts
 * const metainfo = decodeMetainfo(await readFile('ubuntu.torrent'))
 * if (E.isLeft(metainfo)) console.error(showDecodeError(metainfo.left))
 * ```
 */
export const decodeMetainfo = (
  bytes: Uint8Array,
  options: MetainfoOptions = {},
): Either<DecodeError, Metainfo> => {
  const own = new Uint8Array(bytes)
  return pipe(
    decodeBencode(own, { allowTrailing: true }),
    E.filterOrElse(
      ({ end }) => isLineBreak(own.subarray(end)),
      ({ end }) => bencodeError('trailing-bytes', end, ''),
    ),
    E.bind('root', ({ value }) => readFields(Dict, value, own)),
    E.bind('info', ({ root, isCanonical }) =>
      readInfo(root.get('info'), { bytes: own, path: ['info'] }, isCanonical, options),
    ),
    E.bind('pieceLayers', ({ root, info }) =>
      info.version === 'v1'
        ? E.right(info.pieceLayers)
        : readPieceLayers(root.get('piece layers'), info.files, info.pieceLength, {
            bytes: own,
            path: ['piece layers'],
          }),
    ),
    E.map(({ root, info, pieceLayers }) => ({ ...info, pieceLayers, ...readExtras(root, info) })),
  )
}

type Extras = Pick<
  Metainfo,
  'trackers' | 'webSeeds' | 'httpSeeds' | 'nodes' | 'comment' | 'createdBy' | 'creationDate'
>

const readExtras = (root: BencodeDict, { files }: Metainfo): Extras => ({
  trackers: readTrackers(root),
  webSeeds: readWebSeeds(root.get('url-list'), files.filter(({ isPad }) => !isPad).length > 1),
  httpSeeds: readWebSeeds(root.get('httpseeds'), false),
  nodes: readNodes(root.get('nodes')),
  comment: readText(root.get('comment.utf-8') ?? root.get('comment')),
  createdBy: readText(root.get('created by')),
  creationDate: readDate(root.get('creation date')),
})

const readText = (value: BencodeValue | undefined): Option<string> =>
  value instanceof Uint8Array && value.length > 0 ? O.some(fromUtf8(value)) : O.none

/** Only what a `Date` can hold. */
const readDate = (value: BencodeValue | undefined): Option<number> =>
  typeof value === 'number' && value >= 0 && value <= MAX_DATE_SECONDS ? O.some(value) : O.none

const MAX_DATE_SECONDS = 8_640_000_000_000

const isLineBreak = (rest: Uint8Array): boolean =>
  rest.length <= 2 && rest.every((byte) => byte === 0x0a || byte === 0x0d)
