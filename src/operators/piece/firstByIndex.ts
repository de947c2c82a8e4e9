import { hasBit } from './bitfield.js'
import { NONE } from './downloads.js'
import type { PieceTable } from './pieceTable.js'
import { findShort, listShort, type Shortlist } from './shortlist.js'

/** So many pieces are looked at, then the few that the peer has. */
const MOST_LOOKS = 1_024

/**
 * The first wanted and missing piece among `bits` (undefined: a seed's, all of them) that `accept` takes, at or after
 * `from` in the order of the stream, whatever its priority, or -1.
 */
export const firstByIndex = (
  table: PieceTable,
  bits: Uint8Array | undefined,
  from: number,
  wrap: boolean,
  accept?: (piece: number) => boolean,
  shortlist?: Shortlist,
): number => {
  const { order, pieceCount } = table
  while (table.firstMissing < pieceCount && !isRanked(table, table.firstMissing)) table.firstMissing++
  const start = Math.max(from, table.firstMissing)
  const mayBeShort = bits !== undefined && shortlist !== undefined
  const known = mayBeShort ? findShort(order, bits, shortlist) : undefined
  if (mayBeShort && known !== undefined) return firstOfFew(table, bits, known, from, wrap, accept)
  const near = mayBeShort ? start + MOST_LOOKS : pieceCount
  const found = firstBetween(table, bits, start, Math.min(near, pieceCount), accept)
  if (found !== NONE) return found
  const few = mayBeShort ? listShort(order, bits, shortlist) : undefined
  if (mayBeShort && few !== undefined) return firstOfFew(table, bits, few, from, wrap, accept)
  const far = firstBetween(table, bits, near, pieceCount, accept)
  return far === NONE && wrap ? firstBetween(table, bits, table.firstMissing, from, accept) : far
}

/** Whether the piece can be picked: it is wanted, and neither had nor begun. */
const isRanked = ({ order }: PieceTable, piece: number): boolean => order.levels[piece]! > 0

const firstBetween = (
  table: PieceTable,
  bits: Uint8Array | undefined,
  from: number,
  end: number,
  accept: ((piece: number) => boolean) | undefined,
): number => {
  for (let piece = from; piece < end; piece++) {
    if (
      isRanked(table, piece) &&
      (bits === undefined || hasBit(bits, piece)) &&
      (accept === undefined || accept(piece))
    ) {
      return piece
    }
  }
  return NONE
}

/** The same among pieces that are listed in any order. */
const firstOfFew = (
  table: PieceTable,
  bits: Uint8Array,
  few: ReadonlyArray<number>,
  from: number,
  wrap: boolean,
  accept: ((piece: number) => boolean) | undefined,
): number => {
  const { pieceCount } = table
  let first = NONE
  let steps = wrap ? Infinity : pieceCount - from
  for (const piece of few) {
    // What is before `from` comes after all else.
    const its = piece >= from ? piece - from : piece + pieceCount
    if (its >= steps || !isRanked(table, piece) || !hasBit(bits, piece)) continue
    if (accept !== undefined && !accept(piece)) continue
    first = piece
    steps = its
  }
  return first
}
