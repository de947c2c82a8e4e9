import * as O from '#fp/Option'
import { pickedAt } from './pickedAt.js'
import type { PiecePolicy } from './policy.js'

/**
 * A piece near a random place, until `count` pieces are had; no answer from then on.
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
  (ctx) =>
    ctx.havePieces < count
      ? pickedAt(ctx.firstByIndex(Math.floor(ctx.random() * ctx.pieceCount), true))
      : O.none
