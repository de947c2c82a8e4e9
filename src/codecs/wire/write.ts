import type { HashRange, WireMessage } from './message.js'
import { HASH_RANGE_LENGTH, MESSAGE_ID, PIECE_HEADER_LENGTH, PREFIX_LENGTH } from './messageId.js'

/** Bytes that `message` takes on the wire, prefix included. `Unknown` takes none: what we cannot read we do not say. */
export const wireLength = (message: WireMessage): number => {
  switch (message._tag) {
    case 'Request':
    case 'Cancel':
    case 'RejectRequest':
      return 17
    case 'Have':
    case 'SuggestPiece':
    case 'AllowedFast':
      return 9
    case 'Piece':
      return PIECE_HEADER_LENGTH + message.payload.length
    case 'Bitfield':
      return 5 + message.bits.length
    case 'Extended':
      return 6 + message.payload.length
    case 'Port':
      return 7
    case 'HashRequest':
    case 'HashReject':
      return PREFIX_LENGTH + HASH_RANGE_LENGTH
    case 'Hashes':
      return PREFIX_LENGTH + HASH_RANGE_LENGTH + message.hashes.length
    case 'KeepAlive':
      return PREFIX_LENGTH
    case 'Unknown':
      return 0
    case 'Choke':
    case 'Unchoke':
    case 'Interested':
    case 'NotInterested':
    case 'HaveAll':
    case 'HaveNone':
      return 5
  }
}

const putUint32 = (out: Uint8Array, at: number, value: number): void => {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
}

const putHead = (out: Uint8Array, at: number, length: number, id: number): number => {
  putUint32(out, at, length)
  out[at + 4] = id
  return at + 5
}

const putIndex = (out: Uint8Array, at: number, id: number, piece: number): number => {
  putUint32(out, putHead(out, at, 5, id), piece)
  return at + 9
}

const putBlock = (
  out: Uint8Array,
  at: number,
  id: number,
  block: { readonly piece: number; readonly begin: number; readonly length: number },
): number => {
  putHead(out, at, 13, id)
  putUint32(out, at + 5, block.piece)
  putUint32(out, at + 9, block.begin)
  putUint32(out, at + 13, block.length)
  return at + 17
}

const putHashRange = (
  out: Uint8Array,
  at: number,
  id: number,
  range: HashRange,
  hashesLength: number,
): number => {
  const body = putHead(out, at, HASH_RANGE_LENGTH + hashesLength, id)
  out.set(range.root, body)
  putUint32(out, body + 32, range.baseLayer)
  putUint32(out, body + 36, range.index)
  putUint32(out, body + 40, range.length)
  putUint32(out, body + 44, range.proofLayers)
  return body + 48
}

/** Writes the 13 bytes before a block's payload into `out` at `at`. */
export const putPieceHeader = (
  out: Uint8Array,
  at: number,
  piece: number,
  begin: number,
  length: number,
): void => {
  putHead(out, at, 9 + length, MESSAGE_ID.piece)
  putUint32(out, at + 5, piece)
  putUint32(out, at + 9, begin)
}

const putMessage = (out: Uint8Array, at: number, message: WireMessage): number => {
  switch (message._tag) {
    case 'Request':
      return putBlock(out, at, MESSAGE_ID.request, message)
    case 'Cancel':
      return putBlock(out, at, MESSAGE_ID.cancel, message)
    case 'RejectRequest':
      return putBlock(out, at, MESSAGE_ID.rejectRequest, message)
    case 'Have':
      return putIndex(out, at, MESSAGE_ID.have, message.piece)
    case 'SuggestPiece':
      return putIndex(out, at, MESSAGE_ID.suggestPiece, message.piece)
    case 'AllowedFast':
      return putIndex(out, at, MESSAGE_ID.allowedFast, message.piece)
    case 'Piece':
      putPieceHeader(out, at, message.piece, message.begin, message.payload.length)
      out.set(message.payload, at + PIECE_HEADER_LENGTH)
      return at + PIECE_HEADER_LENGTH + message.payload.length
    case 'Bitfield': {
      const body = putHead(out, at, 1 + message.bits.length, MESSAGE_ID.bitfield)
      out.set(message.bits, body)
      return body + message.bits.length
    }
    case 'Extended': {
      const body = putHead(out, at, 2 + message.payload.length, MESSAGE_ID.extended)
      out[body] = message.id
      out.set(message.payload, body + 1)
      return body + 1 + message.payload.length
    }
    case 'Port':
      out[putHead(out, at, 3, MESSAGE_ID.port)] = message.port >>> 8
      out[at + 6] = message.port
      return at + 7
    case 'HashRequest':
      return putHashRange(out, at, MESSAGE_ID.hashRequest, message, 0)
    case 'HashReject':
      return putHashRange(out, at, MESSAGE_ID.hashReject, message, 0)
    case 'Hashes': {
      const body = putHashRange(out, at, MESSAGE_ID.hashes, message, message.hashes.length)
      out.set(message.hashes, body)
      return body + message.hashes.length
    }
    case 'KeepAlive':
      putUint32(out, at, 0)
      return at + PREFIX_LENGTH
    case 'Choke':
      return putHead(out, at, 1, MESSAGE_ID.choke)
    case 'Unchoke':
      return putHead(out, at, 1, MESSAGE_ID.unchoke)
    case 'Interested':
      return putHead(out, at, 1, MESSAGE_ID.interested)
    case 'NotInterested':
      return putHead(out, at, 1, MESSAGE_ID.notInterested)
    case 'HaveAll':
      return putHead(out, at, 1, MESSAGE_ID.haveAll)
    case 'HaveNone':
      return putHead(out, at, 1, MESSAGE_ID.haveNone)
    case 'Unknown':
      return at
  }
}

/** All of `messages`, in order, in one fresh buffer of exactly their size: one write on the socket. */
export const writeMessages = (messages: readonly WireMessage[]): Uint8Array => {
  let size = 0
  for (const message of messages) size += wireLength(message)
  const out = new Uint8Array(size)
  let at = 0
  for (const message of messages) at = putMessage(out, at, message)
  return out
}

/** The 13 bytes in front of a block of `length` bytes that is written as a buffer of its own. */
export const pieceHeader = (piece: number, begin: number, length: number): Uint8Array => {
  const out = new Uint8Array(PIECE_HEADER_LENGTH)
  putPieceHeader(out, 0, piece, begin, length)
  return out
}
