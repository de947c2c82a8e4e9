import { createHash } from 'node:crypto'

/** The secret key as libtorrent wants it: the hash of the seed, clamped (RFC 8032). */
export const expandedKey = (seed: Uint8Array): Uint8Array => {
  const key = new Uint8Array(createHash('sha512').update(seed).digest())
  key[0]! &= 248
  key[31] = (key[31]! & 63) | 64
  return key
}
