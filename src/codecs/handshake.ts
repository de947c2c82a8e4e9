import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { Handshake, WireError } from './wire/message.js'

/** Bytes of a handshake. */
export const HANDSHAKE_LENGTH = 68

const PROTOCOL = Uint8Array.from('\x13BitTorrent protocol', (character) => character.charCodeAt(0))
const RESERVED_AT = PROTOCOL.length
const INFOHASH_AT = RESERVED_AT + 8
const PEER_ID_AT = INFOHASH_AT + 20

/** What the reserved bytes of a handshake say that a peer can do. */
export interface PeerFeatures {
  /** BEP 6. */
  readonly fast: boolean
  /** BEP 10. */
  readonly extended: boolean
  /** BEP 5. */
  readonly dht: boolean
  /** BEP 52: on a v1 infohash, that the peer also knows the torrent's v2 half. */
  readonly v2: boolean
}

/** The eight reserved bytes that announce `features`. */
export const encodeReserved = (features: PeerFeatures): Uint8Array => {
  const reserved = new Uint8Array(8)
  if (features.extended) reserved[5] = 0x10
  reserved[7] = (features.dht ? 0x01 : 0) | (features.fast ? 0x04 : 0) | (features.v2 ? 0x10 : 0)
  return reserved
}

/** Reads the reserved bytes; bits that we do not know are passed over. */
export const decodeReserved = (reserved: Uint8Array): PeerFeatures => ({
  fast: hasBit(reserved, 7, 0x04),
  extended: hasBit(reserved, 5, 0x10),
  dht: hasBit(reserved, 7, 0x01),
  v2: hasBit(reserved, 7, 0x10),
})

/** With the bit for v2: for a peer that does not say so and goes by the v2 infohash. */
export const withV2 = (reserved: Uint8Array): Uint8Array => {
  const claimed = Uint8Array.from(reserved)
  claimed[7]! |= 0x10
  return claimed
}

const hasBit = (reserved: Uint8Array, byte: number, mask: number): boolean =>
  ((reserved[byte] ?? 0) & mask) !== 0

/** The 68 bytes that open a connection (BEP 3). */
export const encodeHandshake = (handshake: Handshake): Uint8Array => {
  const out = new Uint8Array(HANDSHAKE_LENGTH)
  out.set(PROTOCOL)
  out.set(handshake.reserved.subarray(0, 8), RESERVED_AT)
  out.set(handshake.infohash.subarray(0, 20), INFOHASH_AT)
  out.set(handshake.peerId.subarray(0, 20), PEER_ID_AT)
  return out
}

/** Whether `bytes` begin with the name of the protocol; undefined while there are too few to tell. */
export const startsLikeHandshake = (bytes: Uint8Array): boolean | undefined => {
  const known = Math.min(bytes.length, PROTOCOL.length)
  for (let i = 0; i < known; i++) if (bytes[i] !== PROTOCOL[i]) return false
  return known < PROTOCOL.length ? undefined : true
}

/**
 * Reads a handshake from the start of `bytes`, which may hold only the first part of it so far, or more than it:
 *
 * - `Left` as soon as one byte of the protocol name is wrong;
 * - `None` while nothing is wrong but bytes are missing;
 * - `Some` with copies of the fields; the wire messages go on at `HANDSHAKE_LENGTH`.
 */
export const decodeHandshake = (bytes: Uint8Array): Either<WireError, Option<Handshake>> => {
  if (startsLikeHandshake(bytes) === false) return E.left({ _tag: 'NotBitTorrent' })
  if (bytes.length < HANDSHAKE_LENGTH) return E.right(O.none)
  return E.right(
    O.some({
      reserved: Uint8Array.from(bytes.subarray(RESERVED_AT, INFOHASH_AT)),
      infohash: Uint8Array.from(bytes.subarray(INFOHASH_AT, PEER_ID_AT)),
      peerId: Uint8Array.from(bytes.subarray(PEER_ID_AT, HANDSHAKE_LENGTH)),
    }),
  )
}
