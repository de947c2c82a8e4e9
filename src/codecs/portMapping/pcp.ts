import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'
import { formatIp, parseIp } from '../ipAddress.js'
import type { TransportProtocol } from './natPmp.js'

/** A mapping that is wished for; with a lifetime of 0 one that is to go. */
export interface PcpMapRequest {
  /** Our address, as the gateway sees it. */
  readonly client: string
  /** 12 bytes: who knows them may change the mapping. */
  readonly nonce: Uint8Array
  readonly protocol: TransportProtocol
  readonly internalPort: number
  /** What would be best outside. */
  readonly externalPort: number
  readonly externalAddress?: string
  readonly lifetimeSeconds: number
}

/** What a gateway answers to a MAP request (RFC 6887). `epoch` is for how many seconds it has kept its mappings. */
export type PcpAnswer =
  | {
      readonly _tag: 'Mapped'
      readonly epoch: number
      readonly nonce: Uint8Array
      readonly protocol: TransportProtocol
      readonly internalPort: number
      readonly externalPort: number
      readonly externalAddress: string
      readonly lifetimeSeconds: number
    }
  /** Codes are those of RFC 6887, 7.4. */
  | { readonly _tag: 'Refused'; readonly code: number }
  /** It speaks another version, or NAT-PMP alone. */
  | { readonly _tag: 'OtherVersion'; readonly version: number }

const VERSION = 2
const MAP = 1
const ANSWER = 0x80
const HEADER_BYTES = 24
const MAP_BYTES = 36
/** RFC 6887, 7. */
const MAX_PCP_BYTES = 1_100
const UNSUPPORTED_VERSION = 1
const PROTOCOL_NUMBERS = { tcp: 6, udp: 17 } as const

export const encodePcpMap = (request: PcpMapRequest): Uint8Array => {
  const bytes = new Uint8Array(HEADER_BYTES + MAP_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set([VERSION, MAP])
  view.setUint32(4, request.lifetimeSeconds)
  bytes.set(in16Bytes(request.client), 8)
  bytes.set(request.nonce, 24)
  bytes[36] = PROTOCOL_NUMBERS[request.protocol]
  view.setUint16(40, request.internalPort)
  view.setUint16(42, request.externalPort)
  bytes.set(in16Bytes(request.externalAddress ?? '0.0.0.0'), 44)
  return bytes
}

/** Reads a gateway's answer; options behind it are passed over. */
export const decodePcp = (bytes: Uint8Array): Either<DecodeError, PcpAnswer> => {
  if (bytes.length < 4 || bytes.length > MAX_PCP_BYTES || bytes.length % 4 !== 0) {
    return E.left(invalidField('', 'a multiple of 4 bytes, up to 1 100'))
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const [version = 0, operation = 0] = bytes
  if (operation < ANSWER) return E.left(invalidField('operation', 'an answer', 1))
  if (version !== VERSION) return E.right({ _tag: 'OtherVersion', version })
  // NAT-PMP has two bytes for what is one here.
  const code = bytes[3]!
  if (code === UNSUPPORTED_VERSION) return E.right({ _tag: 'OtherVersion', version })
  if (operation !== ANSWER + MAP) return E.left(invalidField('operation', 'an answer to MAP', 1))
  if (code !== 0) return E.right({ _tag: 'Refused', code })
  if (bytes.length < HEADER_BYTES + MAP_BYTES) return E.left(invalidField('', 'at least 60 bytes'))
  const protocol =
    bytes[36] === PROTOCOL_NUMBERS.tcp ? 'tcp' : bytes[36] === PROTOCOL_NUMBERS.udp ? 'udp' : undefined
  if (protocol === undefined) return E.left(invalidField('protocol', 'TCP or UDP', 36))
  return E.right({
    _tag: 'Mapped',
    epoch: view.getUint32(8),
    nonce: bytes.slice(24, 36),
    protocol,
    internalPort: view.getUint16(40),
    externalPort: view.getUint16(42),
    externalAddress: plainIp(bytes.subarray(44, 60)),
    lifetimeSeconds: view.getUint32(4),
  })
}

/** IPv4 is written as `::ffff:192.0.2.1`. */
const in16Bytes = (address: string): Uint8Array => {
  const ip = O.getOrElse((): Uint8Array => new Uint8Array(4))(parseIp(address))
  return ip.length === 16 ? ip : Uint8Array.of(...MAPPED, ...ip)
}

const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff] as const

const plainIp = (bytes: Uint8Array): string => {
  const isMapped = MAPPED.every((byte, i) => bytes[i] === byte)
  return O.getOrElse(() => '::')(formatIp(isMapped ? bytes.subarray(12) : bytes))
}
