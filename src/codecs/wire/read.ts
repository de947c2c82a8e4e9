import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { MAX_BITFIELD_BYTES, MAX_BLOCK_BYTES, MAX_HASHES_BYTES, MAX_MESSAGE_BYTES } from '../limits.js'
import { HASH_LENGTH } from '../merkle.js'
import type { HashRange, WireError, WireMessage } from './message.js'
import { HASH_RANGE_LENGTH, MESSAGE_ID, PREFIX_LENGTH } from './messageId.js'

/** What is tolerated of one peer, in bytes. */
export interface WireLimits {
  /** Payload of a `piece` message. */
  readonly maxBlockBytes: number
  /** Payload of a `bitfield` message: `ceil(pieceCount / 8)` once the piece count is known. */
  readonly maxBitfieldBytes: number
  /** Length prefix of any message. */
  readonly maxMessageBytes: number
}

export const DEFAULT_WIRE_LIMITS: WireLimits = {
  maxBlockBytes: MAX_BLOCK_BYTES,
  maxBitfieldBytes: MAX_BITFIELD_BYTES,
  maxMessageBytes: MAX_MESSAGE_BYTES,
}

const VARIABLE = 0
const UNKNOWN = -1

/** By id: the one length prefix that is right, `VARIABLE`, or `UNKNOWN`. */
const FIXED_LENGTHS = new Int8Array([
  // choke, unchoke, interested, not interested, have, bitfield, request, piece, cancel, port
  ...[1, 1, 1, 1, 5, VARIABLE, 13, VARIABLE, 13, 3],
  ...[UNKNOWN, UNKNOWN, UNKNOWN],
  // suggest piece, have all, have none, reject request, allowed fast
  ...[5, 1, 1, 13, 5],
  ...[UNKNOWN, UNKNOWN],
  // extended, hash request, hashes, hash reject
  ...[VARIABLE, HASH_RANGE_LENGTH, VARIABLE, HASH_RANGE_LENGTH],
])

export const KEEP_ALIVE: WireMessage = Object.freeze({ _tag: 'KeepAlive' })
const CHOKE: WireMessage = Object.freeze({ _tag: 'Choke' })
const UNCHOKE: WireMessage = Object.freeze({ _tag: 'Unchoke' })
const INTERESTED: WireMessage = Object.freeze({ _tag: 'Interested' })
const NOT_INTERESTED: WireMessage = Object.freeze({ _tag: 'NotInterested' })
const HAVE_ALL: WireMessage = Object.freeze({ _tag: 'HaveAll' })
const HAVE_NONE: WireMessage = Object.freeze({ _tag: 'HaveNone' })

/** Big-endian, unsigned; `at + 4` must be in range. */
export const readUint32 = (bytes: Uint8Array, at: number): number =>
  bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!)

const uint16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

// Faster than `subarray`, which looks for a species constructor at each call.
const view = (bytes: Uint8Array, start: number, end: number): Uint8Array =>
  new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)

export const isKnownId = (id: number): boolean => id < FIXED_LENGTHS.length && FIXED_LENGTHS[id]! !== UNKNOWN

/** Whether a message of this id may be `length` long (id counted, prefix not), before any of it is kept. */
export const checkLength = (id: number, length: number, limits: WireLimits): WireError | undefined => {
  if (length > limits.maxMessageBytes) return tooLong(length, limits.maxMessageBytes)
  if (!isKnownId(id)) return undefined
  const fixed = FIXED_LENGTHS[id]!
  if (fixed !== VARIABLE) return length === fixed ? undefined : wrongLength(id, length)
  if (id === MESSAGE_ID.piece) {
    if (length < 9) return wrongLength(id, length)
    return length > limits.maxBlockBytes + 9 ? tooLong(length, limits.maxBlockBytes + 9) : undefined
  }
  if (id === MESSAGE_ID.bitfield) {
    return length > limits.maxBitfieldBytes + 1 ? tooLong(length, limits.maxBitfieldBytes + 1) : undefined
  }
  if (id === MESSAGE_ID.hashes) {
    const bytes = length - HASH_RANGE_LENGTH
    if (bytes < HASH_LENGTH || bytes % HASH_LENGTH !== 0) return wrongLength(id, length)
    return bytes > MAX_HASHES_BYTES ? tooLong(length, HASH_RANGE_LENGTH + MAX_HASHES_BYTES) : undefined
  }
  return length < 2 ? wrongLength(id, length) : undefined
}

const hashRange = (bytes: Uint8Array, at: number): HashRange => ({
  root: view(bytes, at + 1, at + 1 + HASH_LENGTH),
  baseLayer: readUint32(bytes, at + 33),
  index: readUint32(bytes, at + 37),
  length: readUint32(bytes, at + 41),
  proofLayers: readUint32(bytes, at + 45),
})

export const tooLong = (length: number, allowed: number): WireError => ({
  _tag: 'MessageTooLong',
  length,
  allowed,
})

const wrongLength = (id: number, length: number): WireError => ({ _tag: 'WrongLength', id, length })

/**
 * The message whose id is at `at` and which is `length` long. Its length must have passed `checkLength` and all of it
 * must be in `bytes`; a payload is a borrowed view.
 */
export const readBody = (bytes: Uint8Array, at: number, length: number): WireMessage => {
  const id = bytes[at]!
  switch (id) {
    case MESSAGE_ID.piece:
      return {
        _tag: 'Piece',
        piece: readUint32(bytes, at + 1),
        begin: readUint32(bytes, at + 5),
        payload: view(bytes, at + 9, at + length),
      }
    case MESSAGE_ID.request:
      return {
        _tag: 'Request',
        piece: readUint32(bytes, at + 1),
        begin: readUint32(bytes, at + 5),
        length: readUint32(bytes, at + 9),
      }
    case MESSAGE_ID.have:
      return { _tag: 'Have', piece: readUint32(bytes, at + 1) }
    case MESSAGE_ID.choke:
      return CHOKE
    case MESSAGE_ID.unchoke:
      return UNCHOKE
    case MESSAGE_ID.interested:
      return INTERESTED
    case MESSAGE_ID.notInterested:
      return NOT_INTERESTED
    case MESSAGE_ID.bitfield:
      return { _tag: 'Bitfield', bits: view(bytes, at + 1, at + length) }
    case MESSAGE_ID.cancel:
      return {
        _tag: 'Cancel',
        piece: readUint32(bytes, at + 1),
        begin: readUint32(bytes, at + 5),
        length: readUint32(bytes, at + 9),
      }
    case MESSAGE_ID.port:
      return { _tag: 'Port', port: uint16(bytes, at + 1) }
    case MESSAGE_ID.suggestPiece:
      return { _tag: 'SuggestPiece', piece: readUint32(bytes, at + 1) }
    case MESSAGE_ID.haveAll:
      return HAVE_ALL
    case MESSAGE_ID.haveNone:
      return HAVE_NONE
    case MESSAGE_ID.rejectRequest:
      return {
        _tag: 'RejectRequest',
        piece: readUint32(bytes, at + 1),
        begin: readUint32(bytes, at + 5),
        length: readUint32(bytes, at + 9),
      }
    case MESSAGE_ID.allowedFast:
      return { _tag: 'AllowedFast', piece: readUint32(bytes, at + 1) }
    case MESSAGE_ID.extended:
      return { _tag: 'Extended', id: bytes[at + 1]!, payload: view(bytes, at + 2, at + length) }
    case MESSAGE_ID.hashRequest:
      return { _tag: 'HashRequest', ...hashRange(bytes, at) }
    case MESSAGE_ID.hashes:
      return {
        _tag: 'Hashes',
        ...hashRange(bytes, at),
        hashes: view(bytes, at + HASH_RANGE_LENGTH, at + length),
      }
    case MESSAGE_ID.hashReject:
      return { _tag: 'HashReject', ...hashRange(bytes, at) }
    default:
      return { _tag: 'Unknown', id, length }
  }
}

/**
 * One whole message, prefix included and nothing after it; `WrongLength` where it is not whole. For a stream of them use
 * `createFrameDecoder`. A payload is a borrowed view of `bytes`.
 */
export const readMessage = (
  bytes: Uint8Array,
  limits: WireLimits = DEFAULT_WIRE_LIMITS,
): Either<WireError, WireMessage> => {
  if (bytes.length === PREFIX_LENGTH && readUint32(bytes, 0) === 0) return E.right(KEEP_ALIVE)
  const id = bytes[PREFIX_LENGTH]
  if (id === undefined) return E.left(wrongLength(0, bytes.length))
  const length = readUint32(bytes, 0)
  const error = checkLength(id, length, limits)
  if (error !== undefined) return E.left(error)
  if (bytes.length !== PREFIX_LENGTH + length) return E.left(wrongLength(id, bytes.length - PREFIX_LENGTH))
  return E.right(readBody(bytes, PREFIX_LENGTH, length))
}
