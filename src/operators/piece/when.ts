import * as O from '#fp/Option'
import type { PickContext, PiecePolicy } from './policy.js'

/** The policy while `predicate` holds; no answer otherwise. */
export const when =
  (predicate: (ctx: PickContext) => boolean) =>
  (policy: PiecePolicy): PiecePolicy =>
  (ctx) =>
    predicate(ctx) ? policy(ctx) : O.none
