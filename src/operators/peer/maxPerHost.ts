import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { PeerPolicy } from './policy.js'

/**
 * The policy, less what would be more than `count` connections with one host: many ports of one address are seldom many
 * peers. Those that others open to us count, but are not refused.
 *
 * @example
 * ```ts
 * const oneEach = maxPerHost(1)(defaultPolicies.peer)
 * ```
 */
export const maxPerHost =
  (count: number) =>
  (policy: PeerPolicy): PeerPolicy =>
  (ctx) => {
    const perHost = new Map<string, number>()
    const take = ({ host }: PeerAddress): boolean => {
      const taken = (perHost.get(host) ?? 0) + 1
      perHost.set(host, taken)
      return taken <= count
    }
    ctx.connected.forEach(take)
    // With room for all, the answer is the whole order: what is left out makes place for the next.
    return policy({ ...ctx, room: ctx.candidates.length })
      .filter(take)
      .slice(0, Math.max(0, ctx.room))
  }
