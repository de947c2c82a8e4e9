import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { roundRobin, seedRoundRobin } from '../../../src/operators/choke/seedRoundRobin.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound, everyTenSeconds, holdRounds } from './rounds.js'

const MIB = 1024 * 1024
const crowd = (count: number): (() => { key: number }[]) => {
  const peers = Array.from({ length: count }, (_, key) => ({ key }))
  return () => peers
}

describe('seedRoundRobin', () => {
  it('gives 20 peers in 30 minutes the same time each', () => {
    const at = everyTenSeconds(30)
    const time = holdRounds(seedRoundRobin, { at, slots: 4, isSeeding: true, peers: crowd(20) })
    expect(time.size).toBe(20)
    for (const ms of time.values()) expect(ms).toBe((30 * 60_000 * 4) / 20)
  })

  test.prop([fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 10 }), fc.nat()], { numRuns: 50 })(
    'never lets one be ahead of another by more than a turn and a round',
    (count, slots, seed) => {
      const at = everyTenSeconds(30)
      const time = holdRounds(seedRoundRobin, { at, slots, seed, isSeeding: true, peers: crowd(count) })
      const all = Array.from({ length: count }, (_, key) => time.get(key) ?? 0)
      expect(Math.max(...all) - Math.min(...all)).toBeLessThanOrEqual(70_000)
      expect(all.reduce((sum, ms) => sum + ms, 0)).toBe(Math.min(slots, count) * 30 * 60_000)
    },
  )

  it('lets a fast peer go once it has its twenty pieces', () => {
    const time = holdRounds(seedRoundRobin, {
      at: everyTenSeconds(60),
      slots: 4,
      isSeeding: true,
      peers: crowd(16),
      upRate: (key) => (key < 8 ? MIB : 10_000),
    })
    // 20 MiB at 1 MiB/s: turns of two rounds against six.
    for (const [key, ms] of time) {
      if (key < 8) expect(ms).toBeLessThanOrEqual(9 * 60_000)
      else expect(ms).toBeGreaterThanOrEqual(20 * 60_000)
    }
  })

  it('goes by nobody’s download rate', () => {
    const peers = [chokePeer(0, { downRate: 1e6, unchokedAt: 9 }), chokePeer(1, { unchokedAt: 8 })]
    expect(seedRoundRobin(chokeRound(peers, { slots: 1 }))).toEqual(new Set([1]))
  })

  test.prop([anyRound])('unchokes as many as there are slots, if so many are interested', (round) => {
    const chosen = seedRoundRobin(round)
    expect(chosen.size).toBe(Math.min(round.slots, round.peers.filter((peer) => peer.peerInterested).length))
    for (const key of chosen) expect(round.peers[key]!.peerInterested).toBe(true)
  })
})

describe('roundRobin', () => {
  it('takes turns of any length', () => {
    const quick = roundRobin({ turnMs: 10_000, turnBytes: Infinity })
    const time = holdRounds(quick, { at: everyTenSeconds(1), slots: 2, peers: crowd(6) })
    expect([...time.values()]).toEqual([20_000, 20_000, 20_000, 20_000, 20_000, 20_000])
  })
})
