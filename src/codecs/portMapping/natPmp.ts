import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { DecodeError } from '../errors.js'
import { invalidField } from '../errors.js'

/** What a gateway may be asked to lead inside. */
export type TransportProtocol = 'tcp' | 'udp'

/** The port at which gateways answer NAT-PMP and PCP. */
export const GATEWAY_PORT = 5_351

/** A mapping that is wished for; with a lifetime of 0 one that is to go. */
export interface NatPmpRequest {
  readonly protocol: TransportProtocol
  readonly internalPort: number
  /** The port outside that would be best. */
  readonly externalPort: number
  readonly lifetimeSeconds: number
}

/** What a gateway answers (RFC 6886). `epoch` is for how many seconds it has kept its mappings. */
export type NatPmpAnswer =
  | { readonly _tag: 'ExternalAddress'; readonly epoch: number; readonly address: string }
  | {
      readonly _tag: 'Mapped'
      readonly epoch: number
      readonly protocol: TransportProtocol
      readonly internalPort: number
      readonly externalPort: number
      readonly lifetimeSeconds: number
    }
  /** `operation` is what was asked for: 0 the address, 1 UDP, 2 TCP; codes are those of RFC 6886, 3.5. */
  | { readonly _tag: 'Refused'; readonly operation: number; readonly code: number }

/** Asks for the gateway's address on the other side. */
export const encodeNatPmpAddressRequest = (): Uint8Array => Uint8Array.of(0, 0)

export const encodeNatPmpRequest = (request: NatPmpRequest): Uint8Array => {
  const bytes = new Uint8Array(12)
  const view = new DataView(bytes.buffer)
  bytes[1] = request.protocol === 'udp' ? 1 : 2
  view.setUint16(4, request.internalPort)
  view.setUint16(6, request.externalPort)
  view.setUint32(8, request.lifetimeSeconds)
  return bytes
}

/** Reads a gateway's answer. A refusal may be cut off behind its code, as some are; nothing else may be short or long. */
export const decodeNatPmp = (bytes: Uint8Array): Either<DecodeError, NatPmpAnswer> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  if (bytes.length < 8 || bytes.length > 16) return E.left(invalidField('', '8 to 16 bytes'))
  if (bytes[0] !== 0) return E.left(invalidField('version', 'version 0', 0))
  const operation = bytes[1]! - 128
  if (operation < 0 || operation > 2) return E.left(invalidField('operation', 'an answer', 1))
  const code = view.getUint16(2)
  if (code !== 0) return E.right({ _tag: 'Refused', operation, code })
  const epoch = view.getUint32(4)
  if (bytes.length !== (operation === 0 ? 12 : 16)) return E.left(invalidField('', 'an answer of its length'))
  if (operation === 0) {
    return E.right({ _tag: 'ExternalAddress', epoch, address: bytes.subarray(8, 12).join('.') })
  }
  return E.right({
    _tag: 'Mapped',
    epoch,
    protocol: operation === 1 ? 'udp' : 'tcp',
    internalPort: view.getUint16(8),
    externalPort: view.getUint16(10),
    lifetimeSeconds: view.getUint32(12),
  })
}
