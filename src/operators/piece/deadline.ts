import * as O from '#fp/Option'
import type { PiecePolicy } from './policy.js'

/**
 * The piece that a reader needs next, of those that the asking peer has; no answer while nobody reads. Readers open
 * windows with the command `SetWindow`.
 *
 * @example
 * ```ts
 * pipe(deadline, orElse(rarestFirst))
 * ```
 */
export const deadline: PiecePolicy = (ctx) => {
  for (const piece of ctx.urgent) if (ctx.canPick(piece)) return O.some(piece)
  return O.none
}
