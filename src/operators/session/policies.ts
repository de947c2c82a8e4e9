import type { ChokePolicy } from '../choke/policy.js'
import { defaultChoke } from '../choke/defaultChoke.js'
import type { PeerPolicy } from '../peer/policy.js'
import { defaultDial } from '../peer/dialPolicy.js'
import type { PiecePolicy } from '../piece/policy.js'
import { defaultPiecePolicy } from '../piece/defaultPiecePolicy.js'
import type { RatePolicy } from '../rate/policy.js'
import { unlimited } from '../rate/policy.js'

/**
 * The four decisions that a session leaves to its user. Pure and synchronous; called by the fold. The engine keeps for
 * itself what correctness hangs on: partial pieces first, nothing asked twice outside the endgame, queue lengths.
 * A policy that throws, or answers what it was not offered, is reported on `alert$` and the default answers instead.
 */
export interface SessionPolicies {
  /** Which piece to begin next, for the peer that asks. */
  readonly piece: PiecePolicy
  /** Whom to upload to. */
  readonly choke: ChokePolicy
  /** Whom to dial. */
  readonly peer: PeerPolicy
  /** How fast to go. */
  readonly rate: RatePolicy
}

/**
 * What decides where nothing else is given: the pieces that a reader needs, else four at random, then the rarest;
 * tit-for-tat with optimistic unchokes, round robin once it seeds; the addresses that failed the fewest times; no limit.
 *
 * @example
 * ```ts
 * const selfish: ChokePolicy = (round) => (round.isSeeding ? new Set() : defaultPolicies.choke(round))
 * ```
 */
export const defaultPolicies: SessionPolicies = {
  piece: defaultPiecePolicy,
  choke: defaultChoke,
  peer: defaultDial,
  rate: unlimited,
}
