import type { ChokePeer, ChokePolicy } from './policy.js'

/** A lead that a peer must have over one that is unchoked already, lest two of a kind change places for ever. */
const INCUMBENT_BONUS = 1.1

/**
 * Those who give us most: the interested peers with the best download rates, as many as there are slots (BEP 3). Who
 * gives nothing, or has us waiting, gets nothing. Leaves slots free where few give; see `withOptimistic`.
 */
export const titForTat: ChokePolicy = ({ peers, slots }) =>
  new Set(
    peers
      .filter((peer) => peer.peerInterested && !peer.isSnubbed && peer.downRate > 0)
      .sort((a, b) => merit(b) - merit(a) || incumbency(b) - incumbency(a) || a.key - b.key)
      .slice(0, Math.max(0, slots))
      .map(({ key }) => key),
  )

const merit = (peer: ChokePeer): number => peer.downRate * (peer.amChoking ? 1 : INCUMBENT_BONUS)

const incumbency = (peer: ChokePeer): number => (peer.amChoking ? 0 : 1)
