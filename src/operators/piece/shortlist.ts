import { hasBit } from './bitfield.js'
import { NONE } from './downloads.js'
import type { PickOrder } from './pickOrder.js'

/**
 * Pieces in a list at most: a look at all of them takes some 4 µs, where one at all bits of a large torrent takes 30, and
 * they take 8 KB. Who has more is likelier to have one of the first pieces of the order.
 */
const MOST_LISTED = 1_024

/**
 * The pieces that can be picked of a peer that has few of them. Mutable, for one owner; written only through this file.
 *
 * It is made when a look at all of the peer's bits finds it short, and told of what the peer gets; what comes into the
 * order is looked up there. What can be picked no more stays in it for a while: each piece is tried again before it counts.
 */
export interface Shortlist {
  /** All that can be picked, in any order, with others, some twice; undefined: not known, or too many. */
  pieces: number[] | undefined
  /** So many of the order's `joins` are looked at. */
  joins: number
  /** Pieces to pick that the last look at all bits found. */
  found: number
}

export const createShortlist = (): Shortlist => ({ pieces: undefined, joins: 0, found: 0 })

/** The peer's bits are others now. */
export const forgetShort = (shortlist: Shortlist): void => {
  shortlist.pieces = undefined
  shortlist.found = 0
}

/** The peer has one piece more. */
export const addShort = (shortlist: Shortlist, piece: number): void => {
  const { pieces } = shortlist
  if (pieces === undefined) return
  if (pieces.length < MOST_LISTED) pieces.push(piece)
  else shortlist.pieces = undefined
}

/** The list as it is now, where there is one. */
export const findShort = (
  { joins, joined }: PickOrder,
  bits: Uint8Array,
  shortlist: Shortlist,
): ReadonlyArray<number> | undefined => {
  if (shortlist.pieces === undefined) return undefined
  if (joins - shortlist.joins > joined.length) shortlist.pieces = undefined
  for (; shortlist.joins < joins; shortlist.joins++) {
    if (shortlist.pieces === undefined) return undefined
    const piece = joined[shortlist.joins % joined.length]!
    if (hasBit(bits, piece)) addShort(shortlist, piece)
  }
  return shortlist.pieces
}

/** Makes the list, where it is short enough; where it was not, the next one may be. */
export const listShort = (
  o: PickOrder,
  bits: Uint8Array,
  shortlist: Shortlist,
): ReadonlyArray<number> | undefined => {
  firstOfBits(o, bits, () => false, shortlist)
  return shortlist.pieces
}

/** The first piece of the order among a list's that `accept` takes, or -1. */
export const firstOfShort = (
  { levels, position }: PickOrder,
  bits: Uint8Array,
  accept: ((piece: number) => boolean) | undefined,
  shortlist: Shortlist,
  few: ReadonlyArray<number>,
): number => {
  let first = NONE
  let place = Infinity
  let gone = 0
  for (const piece of few) {
    if (levels[piece] === 0 || !hasBit(bits, piece)) {
      gone++
      continue
    }
    if (position[piece]! >= place || (accept !== undefined && !accept(piece))) continue
    first = piece
    place = position[piece]!
  }
  if (2 * gone > few.length)
    shortlist.pieces = few.filter((piece) => levels[piece]! > 0 && hasBit(bits, piece))
  return first
}

/** The first piece of the order among `bits` that `accept` takes, or -1, by a look at all of them. Makes the list too. */
export const firstOfBits = (
  { levels, position, joins }: PickOrder,
  bits: Uint8Array,
  accept: ((piece: number) => boolean) | undefined,
  shortlist: Shortlist | undefined,
): number => {
  /** Four bytes at a time, where they lie so: mostly there is nothing. */
  const words =
    bits.byteOffset % 4 === 0
      ? new Uint32Array(bits.buffer, bits.byteOffset, bits.length >> 2)
      : new Uint32Array(0)
  const few: number[] = []
  const isListed = shortlist !== undefined && shortlist.found <= MOST_LISTED
  let found = 0
  let first = NONE
  let place = Infinity
  for (let index = 0; index < bits.length; index++) {
    if ((index & 3) === 0 && words[index >> 2] === 0) {
      index += 3
      continue
    }
    const byte = bits[index]!
    if (byte === 0) continue
    for (let bit = 0; bit < 8; bit++) {
      const piece = 8 * index + bit
      if ((byte & (0x80 >> bit)) === 0 || levels[piece] === 0) continue
      if (++found <= MOST_LISTED && isListed) few.push(piece)
      if (position[piece]! >= place || (accept !== undefined && !accept(piece))) continue
      first = piece
      place = position[piece]!
    }
  }
  if (shortlist === undefined) return first
  shortlist.found = found
  if (isListed && found <= MOST_LISTED) {
    shortlist.pieces = few
    shortlist.joins = joins
  }
  return first
}
