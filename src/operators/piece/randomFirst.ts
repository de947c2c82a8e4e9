import * as O from '#fp/Option'
import { pickedAt } from './pickedAt.js'
import type { PiecePolicy } from './policy.js'

/**
 * A piece of the highest priority near a random place, until `count` pieces are had; no answer from then on.
 *
 * A newcomer needs something to trade soon, and the rarest pieces come slowly: few have them (BEP 3).
 *
 * @example
 * ```ts
 * pipe(randomFirst(4), orElse(rarestFirst))
 * ```
 */
export const randomFirst =
  (count: number): PiecePolicy =>
  (ctx) => {
    if (ctx.havePieces >= count) return O.none
    const rarest = ctx.firstByRarity()
    if (rarest < 0) return O.none
    const highest = ctx.priority(rarest)
    const from = Math.floor(ctx.random() * ctx.pieceCount)
    return pickedAt(ctx.firstByIndex(from, true, (piece) => ctx.priority(piece) === highest))
  }
