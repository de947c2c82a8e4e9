import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { sha1 } from './infohash.js'
import { parseIp } from './ipAddress.js'

/** What BEP 6 computes the set from. */
export interface AllowedFastInput {
  /** The receiver's IPv4 address in text. */
  readonly host: string
  readonly infohash: Uint8Array
  readonly pieceCount: number
  /** Pieces wanted; the set is never larger than the torrent. */
  readonly size: number
}

/**
 * BEP 6's canonical set: pieces that a peer may ask for while choked, in the order in which they come up. The same for
 * all addresses of a /24, so that nobody gains by having many. `None` for an address that is not IPv4: BEP 6 names no
 * set for those.
 */
export const allowedFastSet = (input: AllowedFastInput): Option<readonly number[]> => {
  const ip = parseIp(input.host)
  if (O.isNone(ip) || ip.value.length !== 4) return O.none
  const size = Math.min(input.size, input.pieceCount)
  const set = new Set<number>()
  let hash = Uint8Array.of(...ip.value.subarray(0, 3), 0, ...input.infohash)
  while (set.size < size) {
    hash = Uint8Array.from(sha1(hash))
    const words = new DataView(hash.buffer)
    for (let i = 0; i < 5 && set.size < size; i++) set.add(words.getUint32(4 * i) % input.pieceCount)
  }
  return O.some([...set])
}
