import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { decodeBencode } from '../bencode/decodeBencode.js'
import { encodeBencode } from '../bencode/encodeBencode.js'
import { isBencodeDict } from '../bencode/value.js'
import { integerField } from '../bencodeFields.js'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { MAX_METADATA_BYTES, MAX_METADATA_HEAD_BYTES, METADATA_PIECE_BYTES } from '../limits.js'

/** The extension's name in BEP 10's handshake. */
export const UT_METADATA = 'ut_metadata'

/** A message of the metadata exchange (BEP 9). A type that is not known is to be passed over. */
export type UtMetadata =
  | { readonly _tag: 'Request'; readonly piece: number }
  /** `payload` is a view of the message; `totalSize` what its sender says the metadata has in all. */
  | {
      readonly _tag: 'Data'
      readonly piece: number
      readonly totalSize: number
      readonly payload: Uint8Array
    }
  | { readonly _tag: 'Reject'; readonly piece: number }
  | { readonly _tag: 'Unknown'; readonly type: number }

const TYPES = ['Request', 'Data', 'Reject'] as const

/** Pieces that metadata of this size has. */
export const metadataPieceCount = (size: number): number => Math.ceil(size / METADATA_PIECE_BYTES)

/** Bytes of one of them: the last is what is left. */
export const metadataPieceLength = (size: number, piece: number): number =>
  Math.max(0, Math.min(METADATA_PIECE_BYTES, size - piece * METADATA_PIECE_BYTES))

const MAX_PIECE = metadataPieceCount(MAX_METADATA_BYTES) - 1

/**
 * Reads the payload of an `Extended` message of this extension: a dictionary, behind it the bytes of a piece. A `Data`
 * whose bytes are not as many as its own `totalSize` demands is refused.
 */
export const decodeUtMetadata = (payload: Uint8Array): Either<DecodeError, UtMetadata> => {
  const decoded = decodeBencode(payload, {
    maxBytes: MAX_METADATA_HEAD_BYTES + METADATA_PIECE_BYTES,
    maxDepth: 8,
    maxTokens: MAX_METADATA_HEAD_BYTES,
    allowTrailing: true,
  })
  if (E.isLeft(decoded)) return decoded
  const { value: dict, end } = decoded.right
  if (!isBencodeDict(dict)) return E.left(invalidField('', 'a dictionary', 0))
  const type = integerField(dict, 'msg_type', 0)
  if (type === undefined) return E.left(invalidField('msg_type', 'an integer from 0 on'))
  const tag = TYPES[type]
  if (tag === undefined) return E.right({ _tag: 'Unknown', type })
  const piece = integerField(dict, 'piece', 0, MAX_PIECE)
  if (piece === undefined) return E.left(invalidField('piece', `an integer from 0 to ${String(MAX_PIECE)}`))
  if (tag !== 'Data') return E.right({ _tag: tag, piece })
  const totalSize = integerField(dict, 'total_size', 1, MAX_METADATA_BYTES)
  if (totalSize === undefined) {
    return E.left(invalidField('total_size', `an integer from 1 to ${String(MAX_METADATA_BYTES)}`))
  }
  const length = metadataPieceLength(totalSize, piece)
  return length > 0 && payload.length - end === length
    ? E.right({ _tag: 'Data', piece, totalSize, payload: payload.subarray(end) })
    : E.left(invalidField('piece', `${String(length)} bytes behind the dictionary`, end))
}

/** The message that carries a piece of `info`. */
export const metadataPiece = (info: Uint8Array, piece: number): Uint8Array => {
  const begin = piece * METADATA_PIECE_BYTES
  const payload = info.subarray(begin, begin + METADATA_PIECE_BYTES)
  return encodeUtMetadata({ _tag: 'Data', piece, totalSize: info.length, payload })
}

/** The payload of an `Extended` message. */
export const encodeUtMetadata = (message: Exclude<UtMetadata, { readonly _tag: 'Unknown' }>): Uint8Array => {
  const head = encodeBencode(
    new Map([
      ['msg_type', TYPES.indexOf(message._tag)],
      ['piece', message.piece],
      ...(message._tag === 'Data' ? [['total_size', message.totalSize] as const] : []),
    ]),
  )
  if (E.isLeft(head)) throw new TypeError(`metadata message: ${head.left.reason}`)
  if (message._tag !== 'Data') return head.right
  const bytes = new Uint8Array(head.right.length + message.payload.length)
  bytes.set(head.right)
  bytes.set(message.payload, head.right.length)
  return bytes
}
