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
    policy(narrow(ctx, accept, (from, end) => nextAccepted(ctx, accept, from, end)))

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
        (from, to) => nextWithin(ctx, Math.max(from, first), Math.min(to, end)),
      ),
    )

/** `next` is the search in index order over `from … end - 1`. */
const narrow = (
  ctx: PickContext,
  accept: (piece: PieceIndex) => boolean,
  next: (from: number, end: number) => number,
): PickContext => ({
  ...ctx,
  canPick: (piece) => accept(piece) && ctx.canPick(piece),
  firstByRarity: (also) =>
    ctx.firstByRarity(also === undefined ? accept : (piece) => accept(piece) && also(piece)),
  firstByIndex: (from, wrap) => {
    const found = next(from, ctx.pieceCount)
    return found === -1 && wrap ? next(0, from) : found
  },
})

const nextAccepted = (
  ctx: PickContext,
  accept: (piece: PieceIndex) => boolean,
  from: number,
  end: number,
): number => {
  let piece = nextWithin(ctx, from, end)
  while (piece !== -1 && !accept(piece)) piece = nextWithin(ctx, piece + 1, end)
  return piece
}

const nextWithin = (ctx: PickContext, from: number, end: number): number => {
  if (from >= end) return -1
  const piece = ctx.firstByIndex(from, false)
  return piece < end ? piece : -1
}
