import { defaultChoke } from './defaultChoke.js'
import type { ChokePolicy } from './policy.js'

/**
 * `base` with `count` slots at most, the optimistic one included: few for a narrow uplink, which shared by many serves
 * nobody well. Never more than the session has; a count that is no positive number is none.
 *
 * @example
 * ```ts
 * const policies = { choke: fixedSlots(4) }
 * ```
 */
export const fixedSlots = (count: number, base: ChokePolicy = defaultChoke): ChokePolicy => {
  const most = count > 0 ? Math.floor(count) : 0
  return (round) => base({ ...round, slots: Math.min(round.slots, most) })
}
