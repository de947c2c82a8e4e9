import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { withOptimistic } from '../../../src/operators/choke/optimistic.js'
import { titForTat } from '../../../src/operators/choke/titForTat.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound, everyTenSeconds, holdRounds } from './rounds.js'

const policy = withOptimistic(titForTat)
const NOW = 1_000_000
const givers = [1, 2, 3].map((key) =>
  chokePeer(key, { downRate: 1_000 * key, amChoking: false, unchokedAt: 0 }),
)
const choose = (...others: Parameters<typeof chokePeer>[]): number[] => {
  const peers = [...givers, ...others.map((one) => chokePeer(...one))]
  return [...policy(chokeRound(peers, { now: NOW }))].filter((key) => key > 3)
}

describe('withOptimistic', () => {
  it('leaves the base all slots but one', () => {
    const seen: number[] = []
    for (const slots of [0, 1, 4]) {
      const base = withOptimistic((round) => {
        seen.push(round.slots)
        return new Set()
      })
      base(chokeRound([], { slots }))
    }
    expect(seen).toEqual([0, 0, 3])
  })

  it('keeps the one whose 30 seconds are not over', () => {
    const present = { amChoking: false, unchokedAt: NOW - 20_000 }
    expect(choose([10, present], [11], [12, { unchokedAt: 0 }])).toEqual([10])
  })

  it('then goes on to who has waited longest', () => {
    const past = { amChoking: false, unchokedAt: NOW - 30_000 }
    expect(choose([10, past], [11, { unchokedAt: 7 }], [12, { unchokedAt: 6 }])).toEqual([12])
    expect(choose([10, past], [11, { connectedAt: 5 }], [12, { unchokedAt: 6 }])).toEqual([11])
  })

  it('keeps the present one while nobody waits', () => {
    expect(choose([10, { amChoking: false, unchokedAt: 0 }])).toEqual([10])
    expect(choose([10, { amChoking: false, unchokedAt: 0 }], [11, { peerInterested: false }])).toEqual([10])
  })

  it('goes on at once when the present one earns a place, or wants no more', () => {
    const present = { amChoking: false, unchokedAt: NOW - 10_000 }
    expect(choose([10, { ...present, peerInterested: false }], [11])).toEqual([11])
    expect(choose([10, { ...present, downRate: 9_999 }], [11])).toEqual([10, 11])
  })

  it('fills what the base leaves free with turns', () => {
    const peers = [0, 1, 2, 3, 4, 5].map((key) => chokePeer(key, { unchokedAt: key }))
    expect(policy(chokeRound(peers, { slots: 4 }))).toEqual(new Set([0, 1, 2, 3]))
  })

  it('counts only what is there and interested of what the base chose', () => {
    const base = withOptimistic(() => new Set([0, 77]))
    const peers = [chokePeer(0, { peerInterested: false }), chokePeer(1), chokePeer(2)]
    expect(base(chokeRound(peers, { slots: 2 }))).toEqual(new Set([0, 77, 1, 2]))
  })

  it('gives everybody outside the base the same share', () => {
    const time = holdRounds(policy, {
      at: everyTenSeconds(32),
      slots: 4,
      peers: () => Array.from({ length: 19 }, (_, key) => ({ key, downRate: key < 3 ? 1_000 : 0 })),
    })
    for (let key = 0; key < 3; key++) expect(time.get(key)).toBe(32 * 60_000)
    for (let key = 3; key < 19; key++) expect(time.get(key)).toBe(2 * 60_000)
  })

  it('turns every third round, though rounds are not held to the millisecond', () => {
    const at = everyTenSeconds(30).map((now, round) => now + ((round * 37) % 10) * 90)
    const turns: string[] = []
    holdRounds(policy, {
      at,
      slots: 1,
      peers: () => Array.from({ length: 7 }, (_, key) => ({ key })),
      onRound: (unchoked) => turns.push([...unchoked].join()),
    })
    for (let round = 0; round + 3 < turns.length; round++) {
      const isFirst = round % 3 === 0
      expect(turns[round] === turns[round + 2]).toBe(isFirst)
    }
  })

  it('lets those who give take over the places', () => {
    // 5 of 20 give, but only to who unchokes them: found out by optimistic unchokes, they stay.
    const isGiver = (key: number): boolean => key % 4 === 0
    let unchoked: ReadonlySet<number> = new Set()
    const time = holdRounds(policy, {
      at: everyTenSeconds(60),
      slots: 6,
      peers: () =>
        Array.from({ length: 20 }, (_, key) => ({
          key,
          downRate: isGiver(key) && unchoked.has(key) ? 5_000 : 0,
        })),
      onRound: (chosen) => (unchoked = chosen),
    })
    for (const [key, ms] of time) {
      if (isGiver(key)) expect(ms).toBeGreaterThan(55 * 60_000)
      else expect(ms).toBeLessThan(10 * 60_000)
    }
  })

  test.prop([anyRound], { numRuns: 500 })(
    'unchokes as many as there are slots, if so many are interested',
    (round) => {
      const chosen = policy(round)
      const interested = round.peers.filter((peer) => peer.peerInterested)
      expect(chosen.size).toBe(Math.min(round.slots, interested.length))
      for (const key of chosen) expect(round.peers[key]!.peerInterested).toBe(true)
    },
  )
})
