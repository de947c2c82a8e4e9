import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'

/** What a uTP packet is for, by its number on the wire. */
export const UTP_TYPE = { data: 0, fin: 1, state: 2, reset: 3, syn: 4 } as const
export type UtpType = (typeof UTP_TYPE)[keyof typeof UTP_TYPE]

/** A packet of uTP (BEP 29). All numbers are unsigned: 16 bits, but for the times and the window, which have 32. */
export interface UtpPacket {
  readonly type: UtpType
  readonly connectionId: number
  /** When it was sent, in microseconds of the sender's clock. */
  readonly timestamp: number
  /** How long the last packet of the other direction took, by both clocks; 0 before there was one. */
  readonly timestampDifference: number
  /** Bytes that its sender has room for. */
  readonly windowSize: number
  readonly seq: number
  readonly ack: number
  /**
   * Bit `i` of byte `j`: packet `ack + 2 + 8j + i` has come. Absent where there is none. A multiple of four bytes by the BEP,
   * but libtorrent sends as many as it takes: any length is read, and ours have the BEP's.
   */
  readonly sack: Uint8Array | undefined
  readonly payload: Uint8Array
}

export const UTP_HEADER_BYTES = 20
export const UTP_VERSION = 1
const SACK = 1
const NOTHING = new Uint8Array(0)

/**
 * Whether a datagram is uTP as far as its first bytes tell; what the DHT sends begins with a `d`, which is no version of
 * uTP.
 */
export const looksLikeUtp = (bytes: Uint8Array): boolean =>
  bytes.length >= UTP_HEADER_BYTES && (bytes[0]! & 0x0f) === UTP_VERSION && bytes[0]! >> 4 <= UTP_TYPE.syn

/**
 * Reads a packet; `sack` and `payload` are views of `bytes`. Extensions that nobody knows are passed over. A packet that
 * is not whole in every respect is refused as a whole.
 */
export const decodeUtp = (bytes: Uint8Array): Either<DecodeError, UtpPacket> => {
  if (bytes.length < UTP_HEADER_BYTES) return E.left(invalidField('', 'a header of 20 bytes'))
  if ((bytes[0]! & 0x0f) !== UTP_VERSION) return E.left(invalidField('ver', 'version 1', 0))
  const type = bytes[0]! >> 4
  if (!isType(type)) return E.left(invalidField('type', 'an integer from 0 to 4', 0))
  let sack: Uint8Array | undefined
  let extension = bytes[1]!
  let at = UTP_HEADER_BYTES
  while (extension !== 0) {
    const length = bytes[at + 1]
    if (length === undefined || at + 2 + length > bytes.length) {
      return E.left(invalidField('extension', 'an extension within the packet', at))
    }
    if (extension === SACK) {
      if (length === 0) return E.left(invalidField('sack', 'at least a byte', at))
      sack = bytes.subarray(at + 2, at + 2 + length)
    }
    extension = bytes[at]!
    at += 2 + length
  }
  return E.right({
    type,
    connectionId: read16(bytes, 2),
    timestamp: read32(bytes, 4),
    timestampDifference: read32(bytes, 8),
    windowSize: read32(bytes, 12),
    seq: read16(bytes, 16),
    ack: read16(bytes, 18),
    sack,
    payload: at === bytes.length ? NOTHING : bytes.subarray(at),
  })
}

/** Writes a packet. */
export const encodeUtp = (packet: UtpPacket): Uint8Array => {
  const { sack, payload } = packet
  const payloadAt = UTP_HEADER_BYTES + (sack === undefined ? 0 : 2 + sack.length)
  const bytes = new Uint8Array(payloadAt + payload.length)
  putUtpHeader(bytes, packet)
  if (sack !== undefined) {
    bytes[1] = SACK
    bytes[UTP_HEADER_BYTES + 1] = sack.length
    bytes.set(sack, UTP_HEADER_BYTES + 2)
  }
  bytes.set(payload, payloadAt)
  return bytes
}

/** Writes the first 20 bytes of a packet without extensions. */
export const putUtpHeader = (bytes: Uint8Array, header: Omit<UtpPacket, 'sack' | 'payload'>): void => {
  bytes[0] = (header.type << 4) | UTP_VERSION
  bytes[1] = 0
  write16(bytes, 2, header.connectionId)
  write32(bytes, 4, header.timestamp)
  write32(bytes, 8, header.timestampDifference)
  write32(bytes, 12, header.windowSize)
  write16(bytes, 16, header.seq)
  write16(bytes, 18, header.ack)
}

const isType = (type: number): type is UtpType => type <= UTP_TYPE.syn

const read16 = (bytes: Uint8Array, at: number): number => (bytes[at]! << 8) | bytes[at + 1]!

const read32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0

const write16 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 8
  bytes[at + 1] = value
}

const write32 = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}
