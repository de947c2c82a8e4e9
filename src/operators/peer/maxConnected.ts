import type { PeerPolicy } from './policy.js'

/**
 * The policy while there are fewer than `count` connections, and up to so many. Those that others open to us count,
 * but are not refused.
 *
 * @example
 * ```ts
 * const few = maxConnected(10)(defaultPolicies.peer)
 * ```
 */
export const maxConnected =
  (count: number) =>
  (policy: PeerPolicy): PeerPolicy =>
  (ctx) => {
    const room = Math.min(ctx.room, count - ctx.connected.length)
    return room > 0 ? policy({ ...ctx, room }).slice(0, room) : []
  }
