import type { DialCandidate, PeerPolicy } from './policy.js'

/**
 * The policy as if only the candidates that `accept` takes were known; the others are not dialled.
 *
 * @example
 * ```ts
 * const ipv4Only = dialOnly(({ host }) => !host.includes(':'))(defaultPolicies.peer)
 * ```
 */
export const dialOnly =
  (accept: (candidate: DialCandidate) => boolean) =>
  (policy: PeerPolicy): PeerPolicy =>
  (ctx) =>
    policy({ ...ctx, candidates: ctx.candidates.filter(accept) })
