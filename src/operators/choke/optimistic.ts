import type { ChokePolicy } from './policy.js'
import { takeTurns } from './takeTurns.js'

/** How long an optimistic unchoke lasts (BEP 3). */
const TURN_MS = 30_000
/** Rounds come on ticks, hence not to the millisecond; a turn must not last a whole round longer for that. */
const JITTER_MS = 1_000

/**
 * `base` for all slots but one, and optimistic unchokes for that one and those that `base` leaves free: every
 * interested peer gets its turn of 30 seconds, whatever it gives, to show what it is worth (BEP 3). Never fewer are
 * unchoked than there are slots, while enough are interested.
 *
 * Whose turn it is follows from the round alone: one outside the choice of `base` that was unchoked less than 30
 * seconds ago.
 *
 * @example
 * ```ts
 * const policy: ChokePolicy = withOptimistic(titForTat)
 * ```
 */
export const withOptimistic =
  (base: ChokePolicy): ChokePolicy =>
  (round) => {
    const { now, peers, slots } = round
    const chosen = base({ ...round, slots: Math.max(0, slots - 1) })
    const interested = peers.filter((peer) => peer.peerInterested)
    const others = interested.filter((peer) => !chosen.has(peer.key))
    const free = slots - (interested.length - others.length)
    const turns = takeTurns(round, others, free, (peer) => now - peer.unchokedAt < TURN_MS - JITTER_MS)
    return new Set([...chosen, ...turns])
  }
