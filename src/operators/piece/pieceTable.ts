import { pieceStatus } from '../session/state.js'
import { firstInOrder } from './firstInOrder.js'
import { clearBit, createBits, hasBit, setBit } from './bitfield.js'
import {
  createPickOrder,
  DEFAULT_PRIORITY,
  demotePiece,
  insertPiece,
  type PickOrder,
  promotePiece,
  removePiece,
  sortPieces,
} from './pickOrder.js'
import type { Shortlist } from './shortlist.js'
import { shuffleExtents } from './shuffleExtents.js'

/**
 * What we know of every piece, as a structure of arrays: status, priority, how many peers have it, and the wanted ones
 * that are missing in the order of picking.
 *
 * A `have` is one swap in that order. Whole bitfields only count, and make it dirty: it is made again at the next pick,
 * once for all that came in between. Ties stand in a random order of extents, so that the clients of a swarm do not all want
 * the same piece. Peers with every piece are one number, `seeds`.
 */
export interface PieceTable {
  readonly pieceCount: number
  readonly status: Uint8Array
  /** Made when there is first a peer to count; empty: nobody has been there. */
  availability: Uint16Array
  /** 0: not wanted; else the higher, the sooner, up to 7. */
  readonly priority: Uint8Array
  readonly haveBits: Uint8Array
  /** Pieces that stay together in `shuffled`. */
  readonly extent: number
  /** All pieces, extents in a random order, drawn when there is first a peer to pick for, and fixed from then on. */
  shuffled: Uint32Array
  readonly random: () => number
  /** The pieces that are wanted, and neither had nor begun. */
  readonly order: PickOrder
  seeds: number
  havePieces: number
  /** Pieces with a priority above 0, and how many of them are had. */
  wantedPieces: number
  wantedHave: number
  /** Pieces in `order`. */
  missingPieces: number
  /** No piece below is in `order`. */
  firstMissing: number
  /** How often a piece was had no longer. */
  lostPieces: number
  /** Grows with every change that a snapshot would show. */
  version: number
}

/**
 * A table of `pieceCount` missing pieces, all of the default priority. `random` is in [0, 1). Of pieces that are equally
 * rare, `extent` neighbours come after each other, up or down, as long as few `have`s move them about.
 */
export const createPieceTable = (pieceCount: number, random: () => number, extent = 1): PieceTable => {
  return {
    pieceCount,
    status: new Uint8Array(pieceCount),
    availability: new Uint16Array(0),
    priority: new Uint8Array(pieceCount).fill(DEFAULT_PRIORITY),
    haveBits: createBits(pieceCount),
    extent,
    shuffled: new Uint32Array(0),
    random,
    order: createPickOrder(pieceCount),
    seeds: 0,
    havePieces: 0,
    wantedPieces: pieceCount,
    wantedHave: 0,
    missingPieces: pieceCount,
    firstMissing: 0,
    lostPieces: 0,
    version: 0,
  }
}

export const isMissing = (table: PieceTable, piece: number): boolean =>
  table.status[piece] === pieceStatus.missing

export const hasPiece = (table: PieceTable, piece: number): boolean =>
  table.status[piece] === pieceStatus.have

export const isWanted = (table: PieceTable, piece: number): boolean => table.priority[piece]! > 0

/** Peers that have the piece, seeds among them. */
export const availabilityOf = (table: PieceTable, piece: number): number =>
  availabilityOfSome(table, piece) + table.seeds

/** Peers that have the piece, without those that have everything. */
const availabilityOfSome = ({ availability }: PieceTable, piece: number): number => availability[piece] ?? 0

/** To be counted in. */
const counted = (table: PieceTable): Uint16Array => {
  if (table.availability.length < table.pieceCount) table.availability = new Uint16Array(table.pieceCount)
  return table.availability
}

const leaveOrder = (table: PieceTable, piece: number): void => {
  table.missingPieces--
  removePiece(table.order, piece, availabilityOfSome(table, piece))
}

const joinOrder = (table: PieceTable, piece: number): void => {
  table.missingPieces++
  table.firstMissing = Math.min(table.firstMissing, piece)
  insertPiece(table.order, piece, table.priority[piece]!, availabilityOfSome(table, piece))
}

/** One more peer has the piece. */
export const addHave = (table: PieceTable, piece: number): void => {
  const before = counted(table)[piece]!++
  table.version++
  promotePiece(table.order, piece, before)
}

/** A peer has lost the piece. */
export const removeHave = (table: PieceTable, piece: number): void => {
  const before = counted(table)[piece]!--
  table.version++
  demotePiece(table.order, piece, before)
}

/** A peer with these pieces has come; it may be counted as a seed instead (`addSeed`). */
export const addBits = (table: PieceTable, bits: Uint8Array): void => {
  const availability = counted(table)
  for (let piece = 0; piece < table.pieceCount; piece++) {
    if (hasBit(bits, piece)) availability[piece]!++
  }
  table.order.isDirty = true
  table.version++
}

export const removeBits = (table: PieceTable, bits: Uint8Array): void => {
  const availability = counted(table)
  for (let piece = 0; piece < table.pieceCount; piece++) {
    if (hasBit(bits, piece)) availability[piece]!--
  }
  table.order.isDirty = true
  table.version++
}

/** A peer with every piece has come. */
export const addSeed = (table: PieceTable): void => {
  table.seeds++
  table.version++
}

export const removeSeed = (table: PieceTable): void => {
  table.seeds--
  table.version++
}

/** missing → partial: the piece leaves the order. */
export const markBegun = (table: PieceTable, piece: number): void => {
  if (isWanted(table, piece)) leaveOrder(table, piece)
  table.status[piece] = pieceStatus.partial
  table.version++
}

/** partial → verifying. */
export const markVerifying = (table: PieceTable, piece: number): void => {
  table.status[piece] = pieceStatus.verifying
  table.version++
}

/** Anything → have. */
export const markHave = (table: PieceTable, piece: number): void => {
  if (table.status[piece] === pieceStatus.have) return
  if (table.status[piece] === pieceStatus.missing) markBegun(table, piece)
  table.status[piece] = pieceStatus.have
  setBit(table.haveBits, piece)
  table.havePieces++
  if (isWanted(table, piece)) table.wantedHave++
  table.version++
}

/** Anything → missing: the piece can be picked again. */
export const markMissing = (table: PieceTable, piece: number): void => {
  if (table.status[piece] === pieceStatus.missing) return
  if (table.status[piece] === pieceStatus.have) {
    clearBit(table.haveBits, piece)
    table.havePieces--
    table.lostPieces++
    if (isWanted(table, piece)) table.wantedHave--
  }
  table.status[piece] = pieceStatus.missing
  if (isWanted(table, piece)) joinOrder(table, piece)
  table.version++
}

/** Many changes are to come: the order of picking is made again after them, not changed with each. */
export const disorder = (table: PieceTable): void => {
  table.order.isDirty = true
}

/** The piece is wanted more, less, or not at all (0). Whatever is under way stays so. */
export const setPriority = (table: PieceTable, piece: number, priority: number): void => {
  const before = table.priority[piece]!
  if (before === priority) return
  const isHad = hasPiece(table, piece)
  if (before > 0) {
    if (isMissing(table, piece)) leaveOrder(table, piece)
    table.wantedPieces--
    if (isHad) table.wantedHave--
  }
  table.priority[piece] = priority
  if (priority > 0) {
    if (isMissing(table, piece)) joinOrder(table, piece)
    table.wantedPieces++
    if (isHad) table.wantedHave++
  }
  table.version++
}

/**
 * The first piece in the order of picking (the highest priority, in it the rarest) among `bits` (undefined: a seed's,
 * all of them) that `accept` takes, or -1. Looks at the pieces in that order, so what it costs depends on how many
 * missing pieces the peer lacks, not on the torrent; and for a peer that has few on how many those are, once its
 * `shortlist` knows them.
 */
export const firstByRarity = (
  table: PieceTable,
  bits: Uint8Array | undefined,
  accept: ((piece: number) => boolean) | undefined,
  shortlist?: Shortlist,
): number => {
  const { order } = table
  if (order.isDirty) {
    if (table.shuffled.length < table.pieceCount)
      table.shuffled = shuffleExtents(table.pieceCount, table.extent, table.random)
    sortPieces(order, counted(table), table.shuffled)
  }
  return firstInOrder(order, bits, accept, shortlist)
}
