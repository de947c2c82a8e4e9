import type { PeerKey } from '../peer/peerKey.js'
import type { ChokePeer, ChokePolicy } from './policy.js'
import { takeTurns } from './takeTurns.js'

/** Steps from the middle to either end; a peer changes places only with one that is a step apart. */
const STEPS = 10
const TURN_MS = 59_000
const TURN_BYTES = 20 * 1024 * 1024

/**
 * For a seed in a swarm that trades: peers that have just begun, who have nothing to trade, and those that are nearly
 * done, whom few others can help; who is half way can help itself. Leeches that live off seeds get through the middle
 * slowly (Chow, Golubchik and Misra, "Improving BitTorrent: A Simple Approach", 2008).
 *
 * Equals take turns, as with `seedRoundRobin`. No slot is left empty while somebody is interested.
 *
 * @example
 * ```ts
 * const choke = bySeeding({ downloading: defaultPolicies.choke, seeding: antiLeech })
 * ```
 */
export const antiLeech: ChokePolicy = (round) => {
  const interested = round.peers.filter((peer) => peer.peerInterested)
  const chosen: PeerKey[] = []
  for (let step = STEPS; step >= 0 && chosen.length < round.slots; step--) {
    const equals = interested.filter((peer) => stepsFromMiddle(peer) === step)
    const isInTurn = ({ unchokedAt, uploadedSinceUnchoke }: ChokePeer): boolean =>
      round.now - unchokedAt < TURN_MS && uploadedSinceUnchoke < TURN_BYTES
    for (const key of takeTurns(round, equals, round.slots - chosen.length, isInTurn)) chosen.push(key)
  }
  return new Set(chosen)
}

/** 0 for who has half of the pieces, `STEPS` for none or all of them. */
const stepsFromMiddle = ({ fraction }: ChokePeer): number => Math.round(Math.abs(fraction - 0.5) * 2 * STEPS)
