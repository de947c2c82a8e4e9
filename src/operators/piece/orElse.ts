import type { Monoid } from '#fp/Monoid'
import * as O from '#fp/Option'
import type { PiecePolicy } from './policy.js'

/** Never answers: the identity of `orElse`. */
export const none: PiecePolicy = () => O.none

/**
 * Asks `that` where the first policy has no answer.
 *
 * @example
 * ```ts
 * pipe(sequential, when((ctx) => ctx.havePieces > 10), orElse(rarestFirst))
 * ```
 */
export const orElse =
  (that: PiecePolicy) =>
  (policy: PiecePolicy): PiecePolicy =>
  (ctx) => {
    const answer = policy(ctx)
    return answer._tag === 'Some' ? answer : that(ctx)
  }

/** `orElse` with `none`: `concatAll(orElseMonoid)(policies)` is the first answer of many. */
export const orElseMonoid: Monoid<PiecePolicy> = {
  concat: (first, second) => orElse(second)(first),
  empty: none,
}
