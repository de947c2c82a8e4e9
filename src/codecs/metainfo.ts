import * as t from 'io-ts'
import * as E from '#fp/Either'
import { showDecodeError } from './errors.js'
import { decodeMetainfo } from './metainfo/decodeMetainfo.js'
import { encodeMetainfo } from './metainfo/encodeMetainfo.js'
import type { Metainfo as Model } from './metainfoModel.js'

export type { MetainfoOptions } from './metainfo/decodeInfo.js'
export { decodeInfo } from './metainfo/decodeInfo.js'
export { decodeMetainfo } from './metainfo/decodeMetainfo.js'
export { encodeMetainfo } from './metainfo/encodeMetainfo.js'
export type { MetainfoDraft } from './metainfo/makeMetainfo.js'
export { makeMetainfo } from './metainfo/makeMetainfo.js'
export type { FileEntry } from './metainfoModel.js'

export type Metainfo = Model

/** `decodeMetainfo` and `encodeMetainfo` as an io-ts codec, to compose with others. Its errors are one line of text. */
export const Metainfo: t.Type<Metainfo, Uint8Array> = new t.Type(
  'Metainfo',
  (u): u is Metainfo =>
    typeof u === 'object' && u !== null && 'info' in u && 'infohash' in u && 'pieceLength' in u,
  (u, context) => {
    if (!(u instanceof Uint8Array)) return t.failure(u, context, 'expected a byte string')
    const metainfo = decodeMetainfo(u)
    return E.isRight(metainfo) ? metainfo : t.failure(u, context, showDecodeError(metainfo.left))
  },
  encodeMetainfo,
)
