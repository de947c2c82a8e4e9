import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { shareOut } from '../../../src/operators/budget/shareOut.js'

const most = 50
const demands = fc.array(fc.record({ wanted: fc.nat(300), most: fc.integer({ min: 1, max: 60 }) }), {
  maxLength: 30,
})
const sum = (numbers: ReadonlyArray<number>): number => numbers.reduce((all, number) => all + number, 0)

describe('shareOut', () => {
  it('gives who wants little what it wants, and the others equal parts', () => {
    expect(
      shareOut(
        100,
        [
          { wanted: 3, most },
          { wanted: 200, most },
          { wanted: 200, most },
        ],
        1,
      ),
    ).toEqual([3, 49, 48])
  })

  it('gives everybody the most where there is enough', () => {
    expect(
      shareOut(
        200,
        [
          { wanted: 0, most },
          { wanted: 7, most },
        ],
        1,
      ),
    ).toEqual([50, 50])
  })

  it('gives everybody the least, whatever it adds up to', () => {
    expect(
      shareOut(
        2,
        [
          { wanted: 9, most },
          { wanted: 9, most },
          { wanted: 0, most },
        ],
        1,
      ),
    ).toEqual([1, 1, 1])
  })

  test.prop([fc.nat(1_000), demands])('keeps to the total, and to what each can use', (total, all) => {
    const shares = shareOut(total, all, 1)
    expect(sum(shares)).toBeLessThanOrEqual(Math.max(total, all.length))
    shares.forEach((share, index) => {
      expect(Number.isInteger(share)).toBe(true)
      expect(share).toBeGreaterThanOrEqual(1)
      expect(share).toBeLessThanOrEqual(all[index]!.most)
    })
  })

  test.prop([fc.nat(1_000), demands])('keeps nothing back while somebody could use more', (total, all) => {
    const shares = shareOut(total, all, 1)
    const room = shares.some((share, index) => share < all[index]!.most)
    // What cannot be divided goes to somebody too.
    if (room) expect(sum(shares)).toBeGreaterThanOrEqual(total)
  })

  test.prop([fc.nat(1_000), demands])('gives who wants more no less', (total, all) => {
    const equal = all.map(({ wanted }) => ({ wanted, most }))
    const shares = shareOut(total, equal, 1)
    for (const [a, { wanted }] of equal.entries()) {
      for (const [b, other] of equal.entries()) {
        if (wanted > other.wanted && other.wanted >= 1)
          expect(shares[a]! + 1).toBeGreaterThanOrEqual(shares[b]!)
      }
    }
  })
})
