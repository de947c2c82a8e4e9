import type { ChokePolicy } from './policy.js'
import { takeTurns } from './takeTurns.js'

/**
 * Every interested peer in turn. A turn is over after `turnMs`, or sooner once `turnBytes` were sent, if somebody
 * waits: a fast peer soon has something to pass on, a slow one does not hold a slot for ever.
 */
export const roundRobin =
  ({ turnMs, turnBytes }: { readonly turnMs: number; readonly turnBytes: number }): ChokePolicy =>
  (round) =>
    new Set(
      takeTurns(
        round,
        round.peers.filter((peer) => peer.peerInterested),
        round.slots,
        (peer) => round.now - peer.unchokedAt < turnMs && peer.uploadedSinceUnchoke < turnBytes,
      ),
    )

/**
 * For a seed, who has nothing to get back: turns of a minute (less a tick, rounds being no more exact than that) or of
 * twenty pieces of 1 MiB.
 */
export const seedRoundRobin: ChokePolicy = roundRobin({ turnMs: 59_000, turnBytes: 20 * 1024 * 1024 })
