import { defaultChoke } from './defaultChoke.js'
import type { ChokePolicy, ChokeRound } from './policy.js'

export interface RateBasedOptions {
  /** Who chooses, once it is known how many: the default policy where absent. */
  readonly base?: ChokePolicy
  /** What the first peer must take for a second slot to open, bytes per second; 1 024 by default. */
  readonly firstRate?: number
  /** How much more than the one before it each further peer must take; 2 048 by default. */
  readonly rateStep?: number
  /** Slots that are always open; 1 by default. */
  readonly minSlots?: number
}

/**
 * As many slots as the uplink feeds: one is open for whoever comes next, and each peer that takes enough opens one
 * more. The more there are the more each must take, so that a narrow uplink is not cut into crumbs and a broad one is
 * used whole. Never more than the session has.
 *
 * @example
 * ```ts
 * const policies = { choke: rateBased({ rateStep: 10_000 }) }
 * ```
 */
export const rateBased = (options: RateBasedOptions = {}): ChokePolicy => {
  const { base = defaultChoke, firstRate = 1_024, rateStep = 2_048, minSlots = 1 } = options
  return (round) => {
    const slots = Math.max(minSlots, fedSlots(round, firstRate, rateStep) + 1)
    return base({ ...round, slots: Math.min(round.slots, slots) })
  }
}

/** Peers, the fastest first, as long as each takes what its place asks for. */
const fedSlots = ({ peers }: ChokeRound, firstRate: number, rateStep: number): number => {
  const rates = peers
    .filter((peer) => !peer.amChoking && peer.peerInterested)
    .map(({ upRate }) => upRate)
    .sort((a, b) => b - a)
  const short = rates.findIndex((rate, place) => rate < firstRate + place * rateStep)
  return short === -1 ? rates.length : short
}
