import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { rateBased } from '../../../src/operators/choke/rateBased.js'
import { seedRoundRobin } from '../../../src/operators/choke/seedRoundRobin.js'
import { anyRound } from './arbitraries.js'
import { chokePeer, chokeRound, holdRounds, everyTenSeconds } from './rounds.js'

const policy = rateBased({ base: seedRoundRobin, firstRate: 1_000, rateStep: 2_000 })
const taking = (...rates: ReadonlyArray<number>) =>
  chokeRound(
    [
      ...rates.map((upRate, key) => chokePeer(key, { upRate, amChoking: false, unchokedAt: 999_000 })),
      ...Array.from({ length: 20 }, (_, i) => chokePeer(100 + i)),
    ],
    { slots: 10, isSeeding: true },
  )

describe('rateBased', () => {
  it.each([
    ['nobody is served yet', [], 1],
    ['one takes too little', [999], 1],
    ['one takes enough', [1_000], 2],
    ['a second takes less than its place asks for', [9_000, 2_999], 2],
    ['a third takes less', [3_000, 5_000, 1_000], 3],
    ['each takes what its place asks for', [6_000, 7_000, 5_000], 4],
    ['many take much', Array.from({ length: 10 }, () => 1e6), 10],
  ])('opens slots when %s', (_, rates, slots) => {
    expect(policy(taking(...rates)).size).toBe(slots)
  })

  it('keeps the least number open', () => {
    expect(rateBased({ minSlots: 3 })(taking()).size).toBe(3)
  })

  it.each([
    [10_000, 2],
    [100_000, 7],
    [10_000_000, 20],
  ])('comes to rest where an uplink of %d B/s feeds all that are open', (uplink, slots) => {
    let open: ReadonlySet<number> = new Set()
    holdRounds(rateBased(), {
      at: everyTenSeconds(20),
      slots: 20,
      isSeeding: true,
      peers: () =>
        Array.from({ length: 40 }, (_, key) => ({ key, upRate: open.has(key) ? uplink / open.size : 0 })),
      onRound: (unchoked) => {
        open = unchoked
      },
    })
    expect(Math.abs(open.size - slots)).toBeLessThanOrEqual(1)
  })

  test.prop([anyRound, fc.nat(5_000), fc.nat(5_000)])(
    'never opens more than the session has, nor none',
    (round, firstRate, rateStep) => {
      const chosen = rateBased({ firstRate, rateStep })(round)
      const interested = round.peers.filter((peer) => peer.peerInterested).length
      expect(chosen.size).toBeLessThanOrEqual(round.slots)
      expect(chosen.size).toBeGreaterThanOrEqual(Math.min(1, round.slots, interested))
    },
  )
})
