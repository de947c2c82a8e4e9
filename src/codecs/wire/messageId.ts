import { HASH_LENGTH } from '../merkle.js'

/** Message ids on the wire: BEP 3 (0–8), BEP 5 (9), BEP 6 (13–17), BEP 10 (20), BEP 52 (21–23). */
export const MESSAGE_ID = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggestPiece: 13,
  haveAll: 14,
  haveNone: 15,
  rejectRequest: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const

/** Bytes of the length prefix in front of every message. */
export const PREFIX_LENGTH = 4

/** Bytes of what BEP 52's messages have in common: id, root, and four numbers. */
export const HASH_RANGE_LENGTH = 1 + HASH_LENGTH + 16

/** Bytes of a `piece` message in front of its payload: prefix, id, piece, begin. */
export const PIECE_HEADER_LENGTH = 13
