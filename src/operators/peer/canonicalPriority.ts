import { crc32c } from '../../codecs/crc32c.js'
import { parseIp } from '../../codecs/ipAddress.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { Option } from '#fp/Option'
import * as O from '#fp/Option'

/** Every second bit of a byte counts: 4 addresses of 16 are told apart, not all. */
const COARSE = 0x55

/**
 * BEP 40: a number in [0, 2³²) that both ends of a connection compute alike; where places are few, the higher ones are
 * kept. Nobody can choose it, so a flood from a few networks wins but a few of the places, and the connections of a
 * swarm come out evenly spread.
 *
 * Of two addresses of one family; `None` for a host name or a mixed pair. IPv6 as libtorrent computes it, which the
 * BEP's text does not settle.
 *
 * @example
 * ```ts
 * canonicalPriority({ host: '123.213.32.10', port: 1 }, { host: '98.76.54.32', port: 2 }) // some(0xec2d7224)
 * ```
 */
export const canonicalPriority = (a: PeerAddress, b: PeerAddress): Option<number> => {
  const [x, y] = [O.toUndefined(parseIp(a.host)), O.toUndefined(parseIp(b.host))]
  if (x?.length !== y?.length || x === undefined || y === undefined) return O.none
  const differsAt = x.findIndex((byte, i) => byte !== y[i])
  if (differsAt === -1) return O.some(ofPair(portBytes(a.port), portBytes(b.port)))
  const exact = x.length === 4 ? Math.max(2, differsAt + 1) : Math.max(6, differsAt + 2)
  return O.some(ofPair(masked(x, exact), masked(y, exact)))
}

const masked = (ip: Uint8Array, exact: number): Uint8Array =>
  ip.map((byte, i) => (i < exact ? byte : byte & COARSE))

const portBytes = (port: number): Uint8Array => Uint8Array.of(port >> 8, port & 0xff)

const ofPair = (a: Uint8Array, b: Uint8Array): number => {
  const [first, second] = isBefore(a, b) ? [a, b] : [b, a]
  return crc32c(Uint8Array.of(...first, ...second))
}

const isBefore = (a: Uint8Array, b: Uint8Array): boolean => {
  const at = a.findIndex((byte, i) => byte !== b[i])
  return at === -1 || a[at]! < b[at]!
}
