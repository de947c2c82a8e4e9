/** What a piece is worth unless it is said otherwise, of 0 (not wanted) to 7. */
export const DEFAULT_PRIORITY = 4
export const HIGHEST_PRIORITY = 7

/** Places that a level has beyond those it needs, for pieces that come to it from another. */
const SPARE_PLACES = 64
/** The last pieces that came into the order are remembered: more than come between two picks for a peer. */
const JOINS_KEPT = 64
/** Buckets beyond those in use: room for the `have`s to come, so that a bucket is seldom missing. */
const SPARE_BUCKETS = 16

/**
 * The pieces that can be picked, in the order of picking: by priority, and in one priority by rarity.
 *
 * `order` has a stretch for each level of priority in use, from `starts[level]` on; in it stand the level's pieces,
 * grouped in buckets by availability: `ends[bases[level] + a]` is where bucket `a` ends. A `have` moves a piece to the
 * next bucket by one swap at a border, a piece comes and goes by one swap for each bucket between its own and the last.
 * Where there is no place for a piece or no bucket, `isDirty` says so, and the order is made again at the next pick.
 */
export interface PickOrder {
  /** By piece: its level; 0 for one that is not in the order. Right when the order is dirty too. */
  readonly levels: Uint8Array
  /** Empty until it is first made: most torrents of a client have nobody to pick for. */
  order: Uint32Array
  position: Uint32Array
  /** By level: where its stretch begins. */
  readonly starts: Uint32Array
  /** By level: where the next stretch begins. */
  readonly limits: Uint32Array
  /** By level: its first bucket; -1 where the level is not in use. */
  readonly bases: Int32Array
  /** Buckets of each level. */
  width: number
  ends: Uint32Array
  isDirty: boolean
  /** How often a piece came into the order, and which ones came last: each at the place of its number, in a ring. */
  joins: number
  readonly joined: Uint32Array
}

/** All of the pieces, with the default priority. */
export const createPickOrder = (pieceCount: number): PickOrder => ({
  levels: new Uint8Array(pieceCount).fill(DEFAULT_PRIORITY),
  order: new Uint32Array(0),
  position: new Uint32Array(0),
  starts: new Uint32Array(HIGHEST_PRIORITY + 1),
  limits: new Uint32Array(HIGHEST_PRIORITY + 1),
  bases: new Int32Array(HIGHEST_PRIORITY + 1).fill(-1),
  width: 0,
  ends: new Uint32Array(0),
  isDirty: true,
  joins: 0,
  joined: new Uint32Array(JOINS_KEPT),
})

/** Makes the order again by a counting sort, ties in the order of `shuffled`. */
export const sortPieces = (o: PickOrder, availability: Uint16Array, shuffled: Uint32Array): void => {
  const pieceCount = shuffled.length
  if (o.position.length === 0) {
    o.order = new Uint32Array(pieceCount + HIGHEST_PRIORITY * SPARE_PLACES)
    o.position = new Uint32Array(pieceCount)
  }
  const { levels, order, position, bases } = o
  const counts = new Uint32Array(HIGHEST_PRIORITY + 1)
  let highest = 0
  for (let piece = 0; piece < pieceCount; piece++) {
    highest = Math.max(highest, availability[piece]!)
    counts[levels[piece]!]!++
  }
  const width = highest + 1 + SPARE_BUCKETS
  let used = 0
  for (let level = HIGHEST_PRIORITY; level > 0; level--) {
    bases[level] = counts[level] === 0 ? -1 : width * used++
  }
  const ends = new Uint32Array(width * used)
  for (let piece = 0; piece < pieceCount; piece++) {
    const level = levels[piece]!
    if (level > 0) ends[bases[level]! + availability[piece]!]!++
  }
  layOut(o, counts, ends, width)
  for (let i = 0; i < pieceCount; i++) {
    const piece = shuffled[i]!
    const level = levels[piece]!
    if (level === 0) continue
    const at = ends[bases[level]! + availability[piece]!]!++
    order[at] = piece
    position[piece] = at
  }
  o.width = width
  o.ends = ends
  o.isDirty = false
}

/** Turns the sizes of the buckets into their begins, level after level. */
const layOut = (o: PickOrder, counts: Uint32Array, ends: Uint32Array, width: number): void => {
  let start = 0
  for (let level = HIGHEST_PRIORITY; level > 0; level--) {
    const base = o.bases[level]!
    if (base < 0) continue
    o.starts[level] = start
    o.limits[level] = start + counts[level]! + SPARE_PLACES
    for (let bucket = base; bucket < base + width; bucket++) {
      const count = ends[bucket]!
      ends[bucket] = start
      start += count
    }
    start = o.limits[level]!
  }
}

const moveTo = ({ order, position }: PickOrder, piece: number, to: number): void => {
  const from = position[piece]!
  const other = order[to]!
  order[from] = other
  position[other] = from
  order[to] = piece
  position[piece] = to
}

/** One more peer has the piece, which `before` had. */
export const promotePiece = (o: PickOrder, piece: number, before: number): void => {
  const level = o.levels[piece]!
  if (o.isDirty || level === 0) return
  if (before + 1 >= o.width) {
    o.isDirty = true
    return
  }
  const bucket = o.bases[level]! + before
  moveTo(o, piece, o.ends[bucket]! - 1)
  o.ends[bucket]!--
}

/** One peer fewer has the piece, which `before` had. */
export const demotePiece = (o: PickOrder, piece: number, before: number): void => {
  const level = o.levels[piece]!
  if (o.isDirty || level === 0) return
  const bucket = o.bases[level]! + before - 1
  moveTo(o, piece, o.ends[bucket]!)
  o.ends[bucket]!++
}

/** Out through the end of the level. */
export const removePiece = (o: PickOrder, piece: number, availability: number): void => {
  const base = o.bases[o.levels[piece]!]!
  o.levels[piece] = 0
  if (o.isDirty) return
  const { ends, width } = o
  for (let bucket = base + availability; bucket < base + width; bucket++) {
    moveTo(o, piece, ends[bucket]! - 1)
    ends[bucket]!--
  }
}

/** In through the end of the level. */
export const insertPiece = (o: PickOrder, piece: number, level: number, availability: number): void => {
  o.levels[piece] = level
  o.joined[o.joins++ % JOINS_KEPT] = piece
  if (o.isDirty) return
  const { ends, width } = o
  const base = o.bases[level]!
  const last = base + width - 1
  if (base < 0 || availability >= width || ends[last]! >= o.limits[level]!) {
    o.isDirty = true
    return
  }
  const place = ends[last]!++
  o.order[place] = piece
  o.position[piece] = place
  for (let bucket = last - 1; bucket >= base + availability; bucket--) {
    moveTo(o, piece, ends[bucket]!)
    ends[bucket]!++
  }
}
