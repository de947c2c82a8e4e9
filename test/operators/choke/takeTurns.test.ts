import { expect, it } from 'vitest'
import { takeTurns } from '../../../src/operators/choke/takeTurns.js'
import { createPrng } from '../../../src/operators/random.js'
import { chokePeer } from './rounds.js'

const NOW = 1_000_000

it('sends nobody away for an empty seat, and those with the longest turn first', () => {
  const seated = [3, 1, 2].map((key) => chokePeer(key, { amChoking: false, unchokedAt: key }))
  const waiting = chokePeer(9)
  const round = { now: NOW, random: () => 0 }
  expect(takeTurns(round, seated, 4, () => false)).toEqual([3, 2, 1])
  expect(takeTurns(round, [...seated, waiting], 4, () => false)).toEqual([9, 3, 2, 1])
  expect(takeTurns(round, [...seated, waiting], 3, () => false)).toEqual([9, 3, 2])
  expect(takeTurns(round, [...seated, waiting], 3, () => true)).toEqual([3, 2, 1])
  expect(takeTurns(round, [...seated, waiting], 2, () => true)).toEqual([3, 2])
  expect(takeTurns(round, [...seated, waiting], 0, () => true)).toEqual([])
  expect(takeTurns(round, [...seated, waiting], -1, () => false)).toEqual([])
})

it('takes a newcomer three times as often as one of the others', () => {
  const old = Array.from({ length: 6 }, (_, key) => chokePeer(key, { unchokedAt: key }))
  const late = chokePeer(6, { connectedAt: NOW - 60_000 })
  const had = chokePeer(7, { connectedAt: NOW - 20_000, unchokedAt: NOW - 19_000 })
  const newcomers = [8, 9].map((key) => chokePeer(key, { connectedAt: NOW - 59_999 }))
  const random = createPrng(5).next
  const counts = new Map<number, number>()
  for (let i = 0; i < 14_000; i++) {
    const [key] = takeTurns({ now: NOW, random }, [...old, late, had, ...newcomers], 1, () => false)
    counts.set(key!, (counts.get(key!) ?? 0) + 1)
  }
  // 2 newcomers × 3 : 8 others; of either, the one that waited longest goes.
  const expected = [
    [0, 8_000],
    [8, 6_000],
  ] as const
  expect([...counts.keys()].toSorted((a, b) => a - b)).toEqual(expected.map(([key]) => key))
  for (const [key, count] of expected) expect(Math.abs(counts.get(key)! - count)).toBeLessThan(250)
})
