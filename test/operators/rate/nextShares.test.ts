import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { nextShares } from '../../../src/operators/rate/nextShares.js'

const idle = { rate: 0, isHungry: false, ownLimit: Infinity }
const hungry = { rate: 0, isHungry: true, ownLimit: Infinity }

describe('nextShares', () => {
  it('divides equally among those who had to wait', () => {
    expect(nextShares(900, [hungry, { ...hungry, rate: 500 }, hungry])).toEqual([300, 300, 300])
  })

  it('keeps a floor for the idle, and the rest goes to who can use it', () => {
    expect(nextShares(100_000, [idle, hungry])).toEqual([1_000, 99_000])
  })

  it('leaves the modest a tenth to grow, or a twentieth of an equal share', () => {
    expect(nextShares(100_000, [{ ...idle, rate: 40_000 }, hungry])).toEqual([44_000, 56_000])
    expect(nextShares(100_000, [{ ...idle, rate: 1_000 }, hungry])).toEqual([3_500, 96_500])
  })

  it('gives who has a limit of its own little more than that', () => {
    expect(nextShares(100_000, [{ ...hungry, ownLimit: 10_000 }, hungry])).toEqual([11_000, 89_000])
  })

  it('spreads what nobody had to wait for', () => {
    expect(nextShares(1_000, [idle, idle])).toEqual([500, 500])
  })

  it('is no limit where there is none, and nothing where nothing may go', () => {
    expect(nextShares(Infinity, [idle, hungry])).toEqual([Infinity, Infinity])
    expect(nextShares(0, [idle, hungry])).toEqual([0, 0])
    expect(nextShares(100, [])).toEqual([])
  })

  test.prop([
    fc.nat(100_000_000),
    fc.array(fc.record({ rate: fc.nat(10_000_000), isHungry: fc.boolean(), ownLimit: fc.nat(10_000_000) }), {
      minLength: 1,
    }),
  ])('gives out the total, and never more', (total, sharers) => {
    const given = nextShares(total, sharers).reduce((sum, share) => sum + share, 0)
    expect(given).toBeLessThanOrEqual(total)
    expect(given).toBeGreaterThanOrEqual(total - sharers.length - 1)
  })
})
