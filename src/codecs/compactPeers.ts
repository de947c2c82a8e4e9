import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { AnnouncedPeer } from './announce.js'
import type { DecodeError } from './errors.js'
import { invalidField } from './errors.js'
import { formatIp, parseIp } from './ipAddress.js'

/** Address bytes of one peer: 4 for BEP 23's `peers`, 16 for BEP 7's `peers6`. */
export type AddressLength = 4 | 16

/**
 * Peers in the compact form of BEP 23 and BEP 7: address and port, both big-endian, nothing in between. Peers with port
 * zero are left out; after `max` peers the rest is not looked at. `path` names the field in errors.
 */
export const decodeCompactPeers = (
  bytes: Uint8Array,
  addressLength: AddressLength,
  max: number,
  path: string,
): Either<DecodeError, readonly AnnouncedPeer[]> => {
  const stride = addressLength + 2
  if (bytes.length % stride !== 0) {
    return E.left(invalidField(path, `a multiple of ${String(stride)} bytes`))
  }
  const peers: AnnouncedPeer[] = []
  for (let at = 0; at < bytes.length && peers.length < max; at += stride) {
    const port = (bytes[at + addressLength]! << 8) | bytes[at + addressLength + 1]!
    const host = formatIp(bytes.subarray(at, at + addressLength))
    if (port !== 0 && O.isSome(host)) peers.push({ host: host.value, port })
  }
  return E.right(peers)
}

/** The compact form of those peers that have an address of this length; host names and the other family are left out. */
export const encodeCompactPeers = (
  peers: readonly AnnouncedPeer[],
  addressLength: AddressLength,
): Uint8Array => {
  const out = new Uint8Array(peers.length * (addressLength + 2))
  let at = 0
  for (const { host, port } of peers) {
    const ip = parseIp(host)
    if (O.isNone(ip) || ip.value.length !== addressLength) continue
    out.set(ip.value, at)
    out[at + addressLength] = port >>> 8
    out[at + addressLength + 1] = port
    at += addressLength + 2
  }
  return out.slice(0, at)
}
