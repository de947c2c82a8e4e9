import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { AddressLength } from './compactPeers.js'
import type { DecodeError } from './errors.js'
import { invalidField } from './errors.js'
import { formatIp, parseIp } from './ipAddress.js'
import type { PeerAddress } from './peerAddress.js'

/** Bytes of a DHT node's id, and of everything that is looked for. */
export const NODE_ID_BYTES = 20

/** A node of the DHT: its id, and an IP address in text with a UDP port. */
export interface DhtNode extends PeerAddress {
  readonly id: Uint8Array
}

/**
 * Nodes in the compact form: id, address and port, 26 bytes for BEP 5's `nodes`, 38 for BEP 32's `nodes6`. Ids are views
 * of `bytes`. Nodes with port zero are left out; after `max` nodes the rest is not looked at.
 */
export const decodeCompactNodes = (
  bytes: Uint8Array,
  addressLength: AddressLength,
  max: number,
  path: string,
): Either<DecodeError, readonly DhtNode[]> => {
  const stride = NODE_ID_BYTES + addressLength + 2
  if (bytes.length % stride !== 0) {
    return E.left(invalidField(path, `a multiple of ${String(stride)} bytes`))
  }
  const nodes: DhtNode[] = []
  for (let at = 0; at < bytes.length && nodes.length < max; at += stride) {
    const end = at + NODE_ID_BYTES + addressLength
    const host = formatIp(bytes.subarray(at + NODE_ID_BYTES, end))
    const port = (bytes[end]! << 8) | bytes[end + 1]!
    if (port === 0 || O.isNone(host)) continue
    nodes.push({ id: bytes.subarray(at, at + NODE_ID_BYTES), host: host.value, port })
  }
  return E.right(nodes)
}

/** The compact form of those nodes that have an address of this length; the other family is left out. */
export const encodeCompactNodes = (nodes: readonly DhtNode[], addressLength: AddressLength): Uint8Array => {
  const stride = NODE_ID_BYTES + addressLength + 2
  const out = new Uint8Array(nodes.length * stride)
  let at = 0
  for (const { id, host, port } of nodes) {
    const ip = parseIp(host)
    if (O.isNone(ip) || ip.value.length !== addressLength || id.length !== NODE_ID_BYTES) continue
    out.set(id, at)
    out.set(ip.value, at + NODE_ID_BYTES)
    out[at + stride - 2] = port >>> 8
    out[at + stride - 1] = port
    at += stride
  }
  return out.slice(0, at)
}
