import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createTokenBucket, fillTokens, takeTokens } from '../../../src/operators/rate/tokenBucket.js'

describe('TokenBucket', () => {
  it('has no end without a limit', () => {
    const bucket = createTokenBucket(0)
    takeTokens(bucket, 1e12)
    expect(bucket.tokens).toBe(Infinity)
  })

  it('starts empty when a limit is set', () => {
    const bucket = createTokenBucket(0)
    fillTokens(bucket, 1_000, 0)
    expect(bucket.tokens).toBe(0)
  })

  it('fills at the limit, a debt first', () => {
    const bucket = createTokenBucket(0)
    fillTokens(bucket, 100_000, 0)
    takeTokens(bucket, 50_000)
    fillTokens(bucket, 100_000, 250)
    expect(bucket.tokens).toBe(-25_000)
    fillTokens(bucket, 100_000, 1_000)
    expect(bucket.tokens).toBe(50_000)
  })

  it('keeps a second of unused allowance, a block at least', () => {
    const bucket = createTokenBucket(0)
    fillTokens(bucket, 100_000, 0)
    fillTokens(bucket, 100_000, 60_000)
    expect(bucket.tokens).toBe(100_000)
    fillTokens(bucket, 1_000, 120_000)
    expect(bucket.tokens).toBe(16_384)
  })

  it('grants nothing at a limit of 0, and goes on when it is lifted', () => {
    const bucket = createTokenBucket(0)
    for (let at = 0; at <= 10_000; at += 250) fillTokens(bucket, 0, at)
    expect(bucket.tokens).toBe(0)
    fillTokens(bucket, Infinity, 10_250)
    expect(bucket.tokens).toBe(Infinity)
  })

  it('stands still when the clock goes back', () => {
    const bucket = createTokenBucket(1_000)
    fillTokens(bucket, 1_000, 1_000)
    takeTokens(bucket, 500)
    fillTokens(bucket, 1_000, 0)
    expect(bucket.tokens).toBe(-500)
  })

  test.prop([
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.nat(200_000)), { maxLength: 60 }),
  ])('never lets through more than the limit, a burst and the last helping', (limit, steps) => {
    const bucket = createTokenBucket(0)
    fillTokens(bucket, limit, 0)
    let now = 0
    let taken = 0
    let largest = 0
    for (const [ms, wanted] of steps) {
      now += ms
      fillTokens(bucket, limit, now)
      if (bucket.tokens <= 0) continue
      takeTokens(bucket, wanted)
      taken += wanted
      largest = Math.max(largest, wanted)
    }
    expect(taken).toBeLessThanOrEqual((limit * now) / 1_000 + largest + 1e-6)
  })
})
