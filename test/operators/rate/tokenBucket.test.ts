import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  createTokenBucket,
  fillTokens,
  setLimit,
  takeLate,
  takeTokens,
  type TokenBucket,
  tokensIn,
} from '../../../src/operators/rate/tokenBucket.js'

const bucketOf = (limit: number): TokenBucket => {
  const bucket = createTokenBucket(0)
  setLimit(bucket, limit, 0)
  return bucket
}

describe('TokenBucket', () => {
  it('has no end without a limit', () => {
    const bucket = createTokenBucket(0)
    takeTokens(bucket, 1e12)
    takeLate(bucket, 1e12)
    fillTokens(bucket, 1_000)
    expect(bucket.tokens).toBe(Infinity)
  })

  it('starts empty when a limit is set', () => {
    expect(bucketOf(1_000).tokens).toBe(0)
  })

  it('fills at the limit, a debt first', () => {
    const bucket = bucketOf(100_000)
    takeTokens(bucket, 50_000)
    fillTokens(bucket, 250)
    expect(bucket.tokens).toBe(-25_000)
    fillTokens(bucket, 1_000)
    expect(bucket.tokens).toBe(50_000)
  })

  it('keeps a quarter of a second of what nobody wanted, a block at least', () => {
    const bucket = bucketOf(1_000_000)
    for (let at = 0; at <= 10_000; at += 10) fillTokens(bucket, at)
    expect(bucket.tokens).toBe(260_000)
    const small = bucketOf(1_000)
    for (let at = 0; at <= 60_000; at += 10) fillTokens(small, at)
    expect(small.tokens).toBe(16_384 + 10)
  })

  it('makes up for a late tick, but not for a long silence', () => {
    const bucket = bucketOf(100_000)
    fillTokens(bucket, 900)
    expect(bucket.tokens).toBe(90_000)
    takeTokens(bucket, 90_000)
    fillTokens(bucket, 60_000)
    expect(bucket.tokens).toBe(100_000)
  })

  it('has nothing saved under a lower limit, and little debt', () => {
    const bucket = bucketOf(100_000)
    fillTokens(bucket, 1_000)
    setLimit(bucket, 10_000, 1_000)
    expect(bucket.tokens).toBe(0)
    setLimit(bucket, 100_000, 1_000)
    takeTokens(bucket, 100_000)
    setLimit(bucket, 10_000, 1_000)
    expect(bucket.tokens).toBe(-10_000)
  })

  it('keeps what it has under a higher limit', () => {
    const bucket = bucketOf(100_000)
    fillTokens(bucket, 500)
    setLimit(bucket, 200_000, 500)
    expect(bucket.tokens).toBe(50_000)
    fillTokens(bucket, 600)
    expect(bucket.tokens).toBe(70_000)
  })

  it('grants nothing at a limit of 0, whatever is given back, and goes on when it is lifted', () => {
    const bucket = bucketOf(0)
    for (let at = 0; at <= 10_000; at += 250) fillTokens(bucket, at)
    takeTokens(bucket, -50_000)
    expect(tokensIn(bucket)).toBe(0)
    setLimit(bucket, Infinity, 10_250)
    expect(tokensIn(bucket)).toBe(Infinity)
  })

  it('is in debt for a second at most by what came unbidden', () => {
    const bucket = bucketOf(20_000)
    takeLate(bucket, 1_000_000)
    expect(bucket.tokens).toBe(-20_000)
    takeTokens(bucket, 16_384)
    takeLate(bucket, 1_000_000)
    expect(bucket.tokens).toBe(-36_384)
  })

  it('stands still when the clock goes back', () => {
    const bucket = bucketOf(1_000)
    fillTokens(bucket, 1_000)
    takeTokens(bucket, 1_500)
    fillTokens(bucket, 0)
    fillTokens(bucket, 1_000)
    expect(bucket.tokens).toBe(-500)
  })

  test.prop([
    fc.integer({ min: 1, max: 1_000_000 }),
    fc.array(fc.tuple(fc.integer({ min: 1, max: 2_000 }), fc.nat(200_000)), { maxLength: 60 }),
  ])('never lets through more than the limit and the last helping', (limit, steps) => {
    const bucket = bucketOf(limit)
    let now = 0
    let taken = 0
    let largest = 0
    for (const [ms, wanted] of steps) {
      now += ms
      fillTokens(bucket, now)
      if (tokensIn(bucket) <= 0) continue
      takeTokens(bucket, wanted)
      taken += wanted
      largest = Math.max(largest, wanted)
    }
    expect(taken).toBeLessThanOrEqual((limit * now) / 1_000 + largest + 1e-6)
  })

  test.prop([
    fc.integer({ min: 20_000, max: 50_000_000 }),
    fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 30, maxLength: 60 }),
  ])('loses nothing while somebody wants more, however late the ticks', (limit, gaps) => {
    const bucket = bucketOf(limit)
    let now = 0
    let taken = 0
    for (const gap of gaps) {
      now += gap
      fillTokens(bucket, now)
      while (tokensIn(bucket) > 0) {
        takeTokens(bucket, 16_384)
        taken += 16_384
      }
    }
    expect(taken).toBeGreaterThanOrEqual((limit * now) / 1_000 - 1)
    expect(taken).toBeLessThanOrEqual((limit * now) / 1_000 + 16_384)
  })
})
