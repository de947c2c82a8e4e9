import type { Prng } from '../random.js'
import { GOOD_FOR_MS, type RoutingTable } from './routingModel.js'

/** Buckets that have not changed for 15 minutes; a lookup for one of their ids (`idInBucket`) is due. */
export const staleBuckets = (table: RoutingTable, now: number): ReadonlyArray<number> =>
  table.buckets.flatMap(({ changedAt }, i) => (now - changedAt >= GOOD_FOR_MS ? [i] : []))

/** A lookup for an id of the bucket begins: it is not stale, whatever comes of it. */
export const markRefreshed = (table: RoutingTable, index: number, now: number): void => {
  const bucket = table.buckets[index]
  if (bucket !== undefined) bucket.changedAt = now
}

/** A random id that belongs into a bucket. */
export const idInBucket = (table: RoutingTable, index: number, random: Prng): Uint8Array => {
  const isLast = index === table.buckets.length - 1
  return table.id.map((own, i) => {
    // Bits that stay as ours are, and then, in all but the last bucket, one that does not.
    const kept = Math.min(Math.max(index - 8 * i, 0), 8)
    const mask = 0xff >> kept
    const flipped = !isLast && index >> 3 === i ? 0x80 >> (index & 7) : 0
    return (own & ~mask) | (((random.int(256) & ~flipped) | (~own & flipped)) & mask)
  })
}
