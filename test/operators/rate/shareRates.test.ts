import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { shareRates } from '../../../src/operators/rate/shareRates.js'

const rate = fc.oneof(fc.double({ min: 0, max: 1e8, noNaN: true }), fc.constant(Infinity), fc.constant(0))
const demands = fc.array(rate, { maxLength: 30 })
const total = fc.double({ min: 0, max: 1e8, noNaN: true })
const sum = (values: ReadonlyArray<number>): number => values.reduce((all, value) => all + value, 0)
const EPSILON = 1e-6

describe('shareRates', () => {
  it('gives the modest what they want, and the others the rest in equal parts', () => {
    expect(shareRates(100, [10, Infinity, 60])).toEqual([10, 45, 45])
    expect(shareRates(100, [Infinity, Infinity, Infinity, Infinity])).toEqual([25, 25, 25, 25])
    expect(shareRates(100, [10, 20])).toEqual([10, 20])
  })

  it('copes with nobody, nothing, everything and nonsense', () => {
    expect(shareRates(100, [])).toEqual([])
    expect(shareRates(0, [1, Infinity])).toEqual([0, 0])
    expect(shareRates(Infinity, [1, Infinity, Infinity])).toEqual([1, Infinity, Infinity])
    expect(shareRates(NaN, [1])).toEqual([0])
    expect(shareRates(100, [NaN, -5, 300])).toEqual([0, 0, 100])
  })

  test.prop([total, demands])('never gives more than there is, or than is wanted', (all, wanted) => {
    const shares = shareRates(all, wanted)
    expect(shares).toHaveLength(wanted.length)
    expect(sum(shares)).toBeLessThanOrEqual(all * (1 + EPSILON))
    shares.forEach((share, index) => {
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(wanted[index]!)
    })
  })

  test.prop([total, demands])('keeps nothing back while somebody wants more', (all, wanted) => {
    const possible = Math.min(wanted.length === 0 ? 0 : all, sum(wanted))
    expect(Math.abs(sum(shareRates(all, wanted)) - possible)).toBeLessThanOrEqual(EPSILON * (1 + all))
  })

  test.prop([total, demands])('is max-min fair: who wants more has as much as anybody', (all, wanted) => {
    const shares = shareRates(all, wanted)
    const most = Math.max(0, ...shares)
    shares.forEach((share, index) => {
      if (share < wanted[index]! - EPSILON * (1 + all)) {
        expect(share).toBeGreaterThanOrEqual(most - EPSILON * (1 + all))
      }
    })
  })

  test.prop([total, demands])('is blind to the order', (all, wanted) => {
    const forth = shareRates(all, wanted)
    const back = [...shareRates(all, [...wanted].reverse())].reverse()
    forth.forEach((share, index) => {
      expect(Math.abs(share - back[index]!)).toBeLessThanOrEqual(EPSILON * (1 + all))
    })
  })
})
