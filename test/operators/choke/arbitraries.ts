import { fc } from '@fast-check/vitest'
import type { ChokePeer, ChokeRound } from '../../../src/operators/choke/policy.js'
import { createPrng } from '../../../src/operators/random.js'
import { chokePeer, chokeRound } from './rounds.js'

const NOW = 1_000_000
const past = fc.integer({ min: 0, max: 120_000 }).map((ago) => NOW - ago)

const traits = fc.record<Partial<ChokePeer>>({
  peerInterested: fc.boolean(),
  amChoking: fc.boolean(),
  isSnubbed: fc.boolean(),
  fraction: fc.nat(100).map((percent) => percent / 100),
  upRate: fc.oneof(fc.constant(0), fc.nat(1_000_000)),
  downRate: fc.oneof(
    fc.constant(0),
    fc.nat(5).map((rate) => rate * 1_000),
    fc.nat(1_000_000),
  ),
  connectedAt: past,
  unchokedAt: past,
  uploadedSinceUnchoke: fc.nat(40 * 1024 * 1024),
})

/** Any round that the engine could hold: who is unchoked has been so since some time. */
export const anyRound: fc.Arbitrary<ChokeRound> = fc
  .tuple(fc.array(fc.tuple(traits, fc.boolean()), { maxLength: 30 }), fc.nat(10), fc.boolean(), fc.nat())
  .map(([peers, slots, isSeeding, seed]) =>
    chokeRound(
      peers.map(([peer, isFirstTime], key) =>
        chokePeer(key, { ...peer, ...(peer.amChoking === true && isFirstTime && { unchokedAt: -Infinity }) }),
      ),
      { now: NOW, slots, isSeeding, random: createPrng(seed).next },
    ),
  )
