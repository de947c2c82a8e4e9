import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  emptyScrapeBloom,
  estimateSize,
  insertIp,
  SCRAPE_BLOOM_BYTES,
  unionOf,
} from '../../src/codecs/scrapeBloom.js'

const ip = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
)
const ips = fc.array(ip, { maxLength: 50 })

const bloomOf = (addresses: ReadonlyArray<Uint8Array>): Uint8Array => {
  const bloom = emptyScrapeBloom()
  for (const address of addresses) insertIp(bloom, address)
  return bloom
}

describe('a bloom filter of addresses (BEP 33)', () => {
  test.prop([ips, ips])('holds in a union what is in either', (a, b) => {
    expect(unionOf([bloomOf(a), bloomOf(b)])).toEqual(bloomOf([...a, ...b]))
  })

  test.prop([fc.nat({ max: 2_000 })], { numRuns: 20 })('tells about how many it holds', (count) => {
    const bloom = bloomOf(Array.from({ length: count }, (_, i) => Uint8Array.of(20, i >> 16, i >> 8, i)))
    expect(Math.abs(estimateSize(bloom) - count)).toBeLessThan(10 + count / 10)
  })

  it('tells nothing that is not finite, whatever a stranger sends', () => {
    expect(estimateSize(emptyScrapeBloom())).toBeCloseTo(0)
    expect(estimateSize(new Uint8Array(SCRAPE_BLOOM_BYTES).fill(255))).toBeCloseTo(7_804, -1)
    expect(unionOf([new Uint8Array(3).fill(1)])).toEqual(emptyScrapeBloom())
    expect(unionOf([])).toHaveLength(SCRAPE_BLOOM_BYTES)
  })
})
