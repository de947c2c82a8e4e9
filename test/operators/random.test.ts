import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createPrng } from '../../src/operators/random.js'

const take = (count: number, next: () => number): number[] => Array.from({ length: count }, next)

describe('createPrng', () => {
  it('gives the same numbers on every platform and in every version', () => {
    expect(take(4, createPrng(0).uint32)).toEqual([1363572419, 145230303, 808754475, 4216505632])
    expect(take(4, createPrng(42).uint32)).toEqual([1264412219, 1947509147, 3919439299, 1251167922])
  })

  test.prop([fc.maxSafeInteger()])('gives the same numbers for the same seed', (seed) => {
    expect(take(20, createPrng(seed).next)).toEqual(take(20, createPrng(seed).next))
  })

  test.prop([fc.maxSafeInteger(), fc.maxSafeInteger()])('gives others for another seed', (one, other) => {
    fc.pre(one !== other)
    expect(take(8, createPrng(one).uint32)).not.toEqual(take(8, createPrng(other).uint32))
  })

  test.prop([fc.maxSafeInteger(), fc.nat(50)])('goes on from a saved state', (seed, skipped) => {
    const prng = createPrng(seed)
    take(skipped, prng.next)
    const saved = JSON.parse(JSON.stringify(prng.state())) as [number, number, number, number]
    expect(take(10, createPrng(saved).uint32)).toEqual(take(10, prng.uint32))
  })

  test.prop([fc.maxSafeInteger(), fc.integer({ min: 1, max: 2 ** 32 })])('stays in range', (seed, bound) => {
    const prng = createPrng(seed)
    for (const n of take(50, () => prng.int(bound))) {
      expect(Number.isInteger(n) && n >= 0 && n < bound).toBe(true)
    }
    for (const x of take(50, prng.next)) expect(x >= 0 && x < 1).toBe(true)
  })

  it('answers 0 where there is no choice', () => {
    const prng = createPrng(1)
    expect([prng.int(1), prng.int(0), prng.int(-3)]).toEqual([0, 0, 0])
  })

  it('is uniform enough', () => {
    const prng = createPrng(7)
    const counts = new Uint32Array(16)
    for (let i = 0; i < 160_000; i++) counts[prng.int(16)]!++
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
  })
})
