import type { PickContext, PieceIndex, PiecePolicy } from './policy.js'

/**
 * The policy as if only the pieces that `accept` takes could be picked.
 *
 * Searches walk over refused pieces one by one: for a stretch of pieces, `inRange` is quicker.
 *
 * @example
 * ```ts
 * pipe(rarestFirst, restrictTo((piece) => !postponed.has(piece)))
 * ```
 */
export const restrictTo =
  (accept: (piece: PieceIndex) => boolean) =>
  (policy: PiecePolicy): PiecePolicy =>
  (ctx) =>
    policy(narrow(ctx, accept, (from, end, also) => nextWithin(ctx, from, end, both(accept, also))))

/**
 * The policy as if only the pieces `first … end - 1` could be picked: one file, or a window that moves along.
 *
 * @example
 * ```ts
 * const window = (at: number) => pipe(sequential, inRange(at, at + 16), orElse(rarestFirst))
 * ```
 */
export const inRange =
  (first: PieceIndex, end: PieceIndex) =>
  (policy: PiecePolicy): PiecePolicy =>
  (ctx) =>
    policy(
      narrow(
        ctx,
        (piece) => piece >= first && piece < end,
        (from, to, also) => nextWithin(ctx, Math.max(from, first), Math.min(to, end), also),
      ),
    )

type Accept = (piece: PieceIndex) => boolean

const both = (accept: Accept, also: Accept | undefined): Accept =>
  also === undefined ? accept : (piece) => accept(piece) && also(piece)

/** `next` is the search in index order over `from … end - 1`. */
const narrow = (
  ctx: PickContext,
  accept: Accept,
  next: (from: number, end: number, also: Accept | undefined) => number,
): PickContext => ({
  ...ctx,
  canPick: (piece) => accept(piece) && ctx.canPick(piece),
  firstByRarity: (also) => ctx.firstByRarity(both(accept, also)),
  firstByIndex: (from, wrap, also) => {
    const found = next(from, ctx.pieceCount, also)
    return found === -1 && wrap ? next(0, from, also) : found
  },
})

const nextWithin = (ctx: PickContext, from: number, end: number, accept: Accept | undefined): number => {
  if (from >= end) return -1
  const piece = ctx.firstByIndex(from, false, accept)
  return piece < end ? piece : -1
}
