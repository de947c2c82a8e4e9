import { withOptimistic } from './optimistic.js'
import type { ChokePeer, ChokePolicy } from './policy.js'

/** A lead that a peer must have over one that is unchoked already, lest two of a kind change places for ever. */
const INCUMBENT_BONUS = 1.1

const fastest: ChokePolicy = ({ peers, slots }) =>
  new Set(
    peers
      .filter((peer) => peer.peerInterested && peer.upRate > 0)
      .sort((a, b) => speed(b) - speed(a) || a.key - b.key)
      .slice(0, Math.max(0, slots))
      .map(({ key }) => key),
  )

const speed = (peer: ChokePeer): number => peer.upRate * (peer.amChoking ? 1 : INCUMBENT_BONUS)

/**
 * For a seed that wants its bytes out: the peers that take them fastest. How fast a peer is shows only while it is
 * served, so one slot, and those that nobody has earned yet, go to each of the others in turn.
 *
 * Slow peers see little of such a seed; `seedRoundRobin` is fair to them.
 *
 * @example
 * ```ts
 * const choke = bySeeding({ downloading: defaultPolicies.choke, seeding: fastestUpload })
 * ```
 */
export const fastestUpload: ChokePolicy = withOptimistic(fastest)
