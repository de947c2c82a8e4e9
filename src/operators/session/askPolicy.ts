import { defaultChoke } from '../choke/defaultChoke.js'
import type { ChokeRound } from '../choke/policy.js'
import { defaultDial } from '../peer/dialPolicy.js'
import type { DialContext } from '../peer/policy.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import * as O from '#fp/Option'
import { defaultPiecePolicy } from '../piece/defaultPiecePolicy.js'
import type { PickContext } from '../piece/policy.js'
import type { RateContext, RateLimits } from '../rate/policy.js'
import { unlimited } from '../rate/policy.js'
import type { SessionModel } from './model.js'
import type { SessionPolicies } from './policies.js'
import { reportPolicyFailure } from './policyFailure.js'

/** Asks a policy that is somebody else's code: if it throws or answers nonsense, the default answers. */
const guarded = <A>(
  model: SessionModel,
  policy: keyof SessionPolicies,
  ask: () => A,
  nonsense: (answer: A) => string | undefined,
  fallback: () => A,
): A => {
  let problem: string | undefined
  try {
    const answer = ask()
    problem = nonsense(answer)
    if (problem === undefined) return answer
  } catch (thrown) {
    problem = thrown instanceof Error ? thrown.message : 'threw a value that is no Error'
  }
  reportPolicyFailure(model, policy, problem)
  return fallback()
}

/** The piece to begin for the asking peer, or -1. */
export const askPiece = (model: SessionModel, ctx: PickContext): number =>
  guarded(
    model,
    'piece',
    () => O.getOrElse(() => -1)(model.config.policies.piece(ctx)),
    (piece) => (piece === -1 || ctx.canPick(piece) ? undefined : `piece ${String(piece)} cannot be picked`),
    () => O.getOrElse(() => -1)(defaultPiecePolicy(ctx)),
  )

export const askChoke = (model: SessionModel, round: ChokeRound): ReadonlySet<PeerKey> =>
  guarded(
    model,
    'choke',
    () => model.config.policies.choke(round),
    (keys) => (keys instanceof Set ? undefined : 'the answer is not a Set'),
    () => defaultChoke(round),
  )

export const askDial = (model: SessionModel, ctx: DialContext): ReadonlyArray<PeerAddress> =>
  guarded(
    model,
    'peer',
    () => model.config.policies.peer(ctx),
    (addresses) => {
      if (!Array.isArray(addresses)) return 'the answer is not an array'
      const offered = new Set(ctx.candidates.map(nameOf))
      return addresses.every((address: PeerAddress) => offered.has(nameOf(address)))
        ? undefined
        : 'the answer holds an address that was not offered'
    },
    () => defaultDial(ctx),
  )

const nameOf = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`

export const askRate = (model: SessionModel, ctx: RateContext): RateLimits =>
  guarded(
    model,
    'rate',
    () => model.config.policies.rate(ctx),
    (limits) => (limits.down >= 0 && limits.up >= 0 ? undefined : 'a limit is not a number of bytes'),
    () => unlimited(ctx),
  )
