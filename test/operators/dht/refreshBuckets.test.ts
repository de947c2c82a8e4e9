import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { sharedPrefix } from '../../../src/operators/dht/distance.js'
import { idInBucket, markRefreshed, staleBuckets } from '../../../src/operators/dht/refreshBuckets.js'
import { createRoutingTable, nodeAnswered } from '../../../src/operators/dht/routingTable.js'
import { createPrng } from '../../../src/operators/random.js'
import { anyId, idAt, nodeAt } from './nodes.js'

const MINUTE = 60_000

const deepTable = (own: Uint8Array) => {
  const table = createRoutingTable(own, 0)
  for (let bits = 0; bits < 12; bits++) {
    for (let n = 0; n < 4; n++) nodeAnswered(table, nodeAt(20 * bits + n, idAt(own, bits, createPrng(n))), 0)
  }
  return table
}

describe('refreshing', () => {
  it('is due where a bucket has not changed for 15 minutes', () => {
    const own = new Uint8Array(20)
    const table = deepTable(own)
    expect(staleBuckets(table, 15 * MINUTE - 1)).toEqual([])
    nodeAnswered(table, nodeAt(0, idAt(own, 0, createPrng(0))), 10 * MINUTE)
    const stale = staleBuckets(table, 15 * MINUTE)
    expect(stale).toEqual(table.buckets.map((_, i) => i).slice(1))
    markRefreshed(table, 1, 15 * MINUTE)
    markRefreshed(table, 999, 15 * MINUTE)
    expect(staleBuckets(table, 15 * MINUTE)).toEqual(stale.slice(1))
  })

  test.prop([anyId, fc.nat()])('looks for ids that belong into the bucket', (own, seed) => {
    const table = deepTable(own)
    const prng = createPrng(seed)
    const last = table.buckets.length - 1
    expect(last).toBeGreaterThan(3)
    for (let index = 0; index <= last; index++) {
      const shared = sharedPrefix(own, idInBucket(table, index, prng))
      expect(index === last ? shared >= last : shared === index).toBe(true)
    }
  })
})
