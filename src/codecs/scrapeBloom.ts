import { sha1 } from './infohash.js'

/** BEP 33: 2 048 bits. */
export const SCRAPE_BLOOM_BYTES = 256
const BITS = 8 * SCRAPE_BLOOM_BYTES
/** Bits that an address sets. */
const HASHES = 2

/** A bloom filter of addresses that holds none. */
export const emptyScrapeBloom = (): Uint8Array => new Uint8Array(SCRAPE_BLOOM_BYTES)

/** Adds an address, 4 or 16 bytes, to a filter of ours. */
export const insertIp = (bloom: Uint8Array, ip: Uint8Array): void => {
  const hash = sha1(ip)
  for (let i = 0; i < HASHES; i++) {
    const bit = (hash[2 * i]! | (hash[2 * i + 1]! << 8)) % BITS
    bloom[bit >> 3]! |= 1 << (bit & 7)
  }
}

/**
 * The filter of all that are in one of these: the swarm, from what some of its nodes say. Whoever is in two of them
 * counts once. A filter of another length is passed over.
 */
export const unionOf = (blooms: ReadonlyArray<Uint8Array>): Uint8Array => {
  const union = emptyScrapeBloom()
  for (const bloom of blooms) {
    if (bloom.length !== SCRAPE_BLOOM_BYTES) continue
    for (let i = 0; i < SCRAPE_BLOOM_BYTES; i++) union[i]! |= bloom[i]!
  }
  return union
}

/**
 * How many addresses a filter holds, as its empty bits tell; not an integer. A full one tells nothing, and counts as one
 * with a single empty bit: some 7 800.
 */
export const estimateSize = (bloom: Uint8Array): number => {
  let empty = BITS
  for (const byte of bloom) for (let bits = byte; bits !== 0; bits &= bits - 1) empty--
  return Math.log(Math.max(empty, 1) / BITS) / (HASHES * Math.log(1 - 1 / BITS))
}
