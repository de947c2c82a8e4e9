import { pieceStatus } from '../session/state.js'
import { clearBit, createBits, hasBit, setBit } from './bitfield.js'

/**
 * What we know of every piece, as a structure of arrays: status, how many peers have it, and the missing ones in
 * order of rarity.
 *
 * `order` holds the missing pieces, grouped in buckets by availability; `ends[a]` is where bucket `a` ends. A `have`
 * moves a piece to the next bucket by one swap at a border. Whole bitfields only count, and set `isDirty`: the order
 * is made again at the next pick, once for all that came in between. Ties stand in a random order that is fixed when
 * the table is made, so that peers do not all want the same piece. Peers with every piece are one number, `seeds`.
 */
export interface PieceTable {
  readonly pieceCount: number
  readonly status: Uint8Array
  readonly availability: Uint16Array
  /** 0: not wanted. */
  readonly priority: Uint8Array
  readonly haveBits: Uint8Array
  /** A fixed random order of all pieces. */
  readonly shuffled: Uint32Array
  readonly order: Uint32Array
  readonly position: Uint32Array
  ends: Uint32Array
  seeds: number
  havePieces: number
  /** Pieces in `order`: neither had nor begun. */
  missingPieces: number
  /** No piece below is missing. */
  firstMissing: number
  isDirty: boolean
  /** Grows with every change that a snapshot would show. */
  version: number
}

/** A table of `pieceCount` missing pieces. `random` is in [0, 1). */
export const createPieceTable = (pieceCount: number, random: () => number): PieceTable => {
  const shuffled = new Uint32Array(pieceCount)
  for (let i = 0; i < pieceCount; i++) {
    const j = Math.floor(random() * (i + 1))
    shuffled[i] = shuffled[j]!
    shuffled[j] = i
  }
  return {
    pieceCount,
    status: new Uint8Array(pieceCount),
    availability: new Uint16Array(pieceCount),
    priority: new Uint8Array(pieceCount).fill(4),
    haveBits: createBits(pieceCount),
    shuffled,
    order: new Uint32Array(pieceCount),
    position: new Uint32Array(pieceCount),
    ends: new Uint32Array(1),
    seeds: 0,
    havePieces: 0,
    missingPieces: pieceCount,
    firstMissing: 0,
    isDirty: true,
    version: 0,
  }
}

export const isMissing = (table: PieceTable, piece: number): boolean =>
  table.status[piece] === pieceStatus.missing

export const hasPiece = (table: PieceTable, piece: number): boolean =>
  table.status[piece] === pieceStatus.have

/** Peers that have the piece, seeds among them. */
export const availabilityOf = (table: PieceTable, piece: number): number =>
  table.availability[piece]! + table.seeds

/** Counting sort of the missing pieces by availability, ties in the shuffled order. */
const sortByRarity = (table: PieceTable): void => {
  const { availability, status, shuffled, order, position, pieceCount } = table
  let highest = 0
  for (let piece = 0; piece < pieceCount; piece++) highest = Math.max(highest, availability[piece]!)
  // Room for the haves to come, so that a bucket is seldom missing.
  const ends = new Uint32Array(highest + 17)
  for (let piece = 0; piece < pieceCount; piece++) {
    if (status[piece] === pieceStatus.missing) ends[availability[piece]!]!++
  }
  let start = 0
  for (let a = 0; a < ends.length; a++) {
    const count = ends[a]!
    ends[a] = start
    start += count
  }
  for (let i = 0; i < pieceCount; i++) {
    const piece = shuffled[i]!
    if (status[piece] !== pieceStatus.missing) continue
    const at = ends[availability[piece]!]!++
    order[at] = piece
    position[piece] = at
  }
  table.ends = ends
  table.missingPieces = start
  table.isDirty = false
}

const moveTo = (table: PieceTable, piece: number, to: number): void => {
  const { order, position } = table
  const from = position[piece]!
  const other = order[to]!
  order[from] = other
  position[other] = from
  order[to] = piece
  position[piece] = to
}

/** One more peer has the piece. */
export const addHave = (table: PieceTable, piece: number): void => {
  const a = table.availability[piece]!++
  table.version++
  if (table.isDirty || table.status[piece] !== pieceStatus.missing) return
  if (a + 1 >= table.ends.length) {
    table.isDirty = true
    return
  }
  moveTo(table, piece, table.ends[a]! - 1)
  table.ends[a]!--
}

/** A peer with these pieces has come; it may be counted as a seed instead (`addSeed`). */
export const addBits = (table: PieceTable, bits: Uint8Array): void => {
  for (let piece = 0; piece < table.pieceCount; piece++) {
    if (hasBit(bits, piece)) table.availability[piece]!++
  }
  table.isDirty = true
  table.version++
}

export const removeBits = (table: PieceTable, bits: Uint8Array): void => {
  for (let piece = 0; piece < table.pieceCount; piece++) {
    if (hasBit(bits, piece)) table.availability[piece]!--
  }
  table.isDirty = true
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
  table.status[piece] = pieceStatus.partial
  table.version++
  if (table.isDirty) {
    table.missingPieces--
    return
  }
  // Out through the end: one swap for each bucket between its own and the last.
  const { ends } = table
  for (let a = table.availability[piece]!; a < ends.length; a++) {
    moveTo(table, piece, ends[a]! - 1)
    ends[a]!--
  }
  table.missingPieces--
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
  table.version++
}

/** Anything → missing: the piece can be picked again. */
export const markMissing = (table: PieceTable, piece: number): void => {
  if (table.status[piece] === pieceStatus.missing) return
  if (table.status[piece] === pieceStatus.have) {
    clearBit(table.haveBits, piece)
    table.havePieces--
  }
  table.status[piece] = pieceStatus.missing
  table.missingPieces++
  table.firstMissing = Math.min(table.firstMissing, piece)
  table.isDirty = true
  table.version++
}

/**
 * The rarest missing piece among `bits` (undefined: a seed's, all of them) that `accept` takes, or -1. Looks at the
 * pieces in order of rarity, so what it costs depends on how many missing pieces the peer lacks, not on the torrent.
 */
export const firstByRarity = (
  table: PieceTable,
  bits: Uint8Array | undefined,
  accept: ((piece: number) => boolean) | undefined,
): number => {
  if (table.isDirty) sortByRarity(table)
  const { order, missingPieces } = table
  // A peer that is no seed has only pieces that are counted: bucket 0 is not among them.
  for (let i = bits === undefined ? 0 : table.ends[0]!; i < missingPieces; i++) {
    const piece = order[i]!
    if ((bits === undefined || hasBit(bits, piece)) && (accept === undefined || accept(piece))) return piece
  }
  return -1
}

/** The first missing piece among `bits` at or after `from` in the order of the stream, or -1. */
export const firstByIndex = (
  table: PieceTable,
  bits: Uint8Array | undefined,
  from: number,
  wrap: boolean,
): number => {
  while (table.firstMissing < table.pieceCount && !isMissing(table, table.firstMissing)) table.firstMissing++
  const start = Math.max(from, table.firstMissing)
  const found = firstBetween(table, bits, start, table.pieceCount)
  return found < 0 && wrap ? firstBetween(table, bits, table.firstMissing, from) : found
}

const firstBetween = (table: PieceTable, bits: Uint8Array | undefined, from: number, end: number): number => {
  for (let piece = from; piece < end; piece++) {
    if (isMissing(table, piece) && (bits === undefined || hasBit(bits, piece))) return piece
  }
  return -1
}
