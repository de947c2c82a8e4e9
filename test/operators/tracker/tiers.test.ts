import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../src/operators/random.js'
import { createTrackers, earliestRetry, firstReady, promote } from '../../../src/operators/tracker/tiers.js'
import { noChance } from './fixtures.js'

const urls = (tiers: ReturnType<typeof createTrackers>['tiers']): readonly (readonly string[])[] =>
  tiers.map((tier) => tier.map((tracker) => tracker.url))

describe('createTrackers', () => {
  test.prop([fc.array(fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/))), fc.nat()])(
    'keeps the tiers in order and every URL once, where it came first',
    (tiers, seed) => {
      const made = urls(createTrackers(tiers, createPrng(seed).next).tiers)
      const seen = new Set<string>()
      const expected = tiers
        .map((tier) => tier.filter((url) => !seen.has(url) && seen.add(url)).sort())
        .filter((tier) => tier.length > 0)
      expect(made.map((tier) => [...tier].sort())).toEqual(expected)
    },
  )

  it('shuffles within a tier, fairly', () => {
    const { next } = createPrng(7)
    const counts = new Map<string, number>()
    for (let i = 0; i < 6_000; i++) {
      const order = urls(createTrackers([['a', 'b', 'c']], next).tiers)
        .flat()
        .join('')
      counts.set(order, (counts.get(order) ?? 0) + 1)
    }
    expect(counts.size).toBe(6)
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})

describe('order within tiers', () => {
  it('takes the first that is ready, the next tier only when a whole tier waits', () => {
    const { tiers } = createTrackers([['a', 'b'], ['c']], noChance)
    const [first, second] = tiers[0] ?? []
    expect(firstReady(tiers, 0)).toBe(first)
    if (first !== undefined) first.retryAt = 10
    expect(firstReady(tiers, 0)).toBe(second)
    if (second !== undefined) second.retryAt = 20
    expect(firstReady(tiers, 0)?.url).toBe('c')
    expect(firstReady(tiers, 10)).toBe(first)
  })

  it('says when the first waiting one is ready', () => {
    const { tiers } = createTrackers([['a'], ['b']], noChance)
    for (const [i, tracker] of tiers.flat().entries()) tracker.retryAt = 30 - i
    expect(firstReady(tiers, 28)).toBeUndefined()
    expect(earliestRetry(tiers)).toBe(29)
    expect(earliestRetry([])).toBe(Infinity)
  })

  it('promotes to the front of the same tier', () => {
    const { tiers } = createTrackers([['x'], ['a', 'b', 'c']], () => 0.999)
    const chosen = tiers[1]?.find((tracker) => tracker.url === 'c')
    if (chosen !== undefined) promote(tiers, chosen)
    expect(urls(tiers)).toEqual([['x'], ['c', 'a', 'b']])
  })
})
