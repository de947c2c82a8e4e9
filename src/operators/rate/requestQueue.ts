/** Entries of the first allocation. A power of two, as every capacity is. */
const FIRST_CAPACITY = 16
/** More requests than we send to any peer, released ones included. */
const MAX_CAPACITY = 2048

const PROMISED = 0
const RELEASED = 1

/**
 * The requests sent to one peer and not answered, oldest first. One is *promised* while we count on the peer for its
 * block, and *released* once we no longer do (a choke, a time-out) though the block is still welcome if it comes late.
 *
 * A ring over typed arrays, none of them allocated until the first request. Mutable, for one owner; written only
 * through the functions of this file.
 */
export interface RequestQueue {
  pieces: Int32Array
  blocks: Int32Array
  /** Not 32 bits: milliseconds overflow those in 25 days. */
  ats: Float64Array
  states: Uint8Array
  /** Where the oldest entry is; the others follow, without gaps, modulo the capacity. */
  head: number
  size: number
  released: number
  /** What the last successful `takeRequest` found. */
  takenAt: number
  takenReleased: boolean
}

const NO_INTS = new Int32Array(0)
const NO_FLOATS = new Float64Array(0)
const NO_BYTES = new Uint8Array(0)

export const createRequestQueue = (): RequestQueue => ({
  pieces: NO_INTS,
  blocks: NO_INTS,
  ats: NO_FLOATS,
  states: NO_BYTES,
  head: 0,
  size: 0,
  released: 0,
  takenAt: -1,
  takenReleased: false,
})

/**
 * Adds a promised request. `at` (milliseconds) never runs backwards in one queue.
 *
 * When 2048 are held already, the oldest released one is forgotten; where there is none the answer is false and
 * nothing is added.
 */
export const pushRequest = (q: RequestQueue, piece: number, block: number, at: number): boolean => {
  if (q.size === q.pieces.length && !makeRoom(q)) return false
  const i = (q.head + q.size) & (q.pieces.length - 1)
  q.pieces[i] = piece
  q.blocks[i] = block
  q.ats[i] = at
  q.states[i] = PROMISED
  q.size++
  return true
}

/**
 * Removes the request for a block, because its answer (the block or a reject) came.
 *
 * Peers mostly answer in order, so it is mostly the head. Where a block was asked for again after a release, the
 * promised request goes before the released one.
 *
 * @returns when it was sent, or -1 if there is no such request; `q.takenAt` and `q.takenReleased` tell the same and
 * whether it had been released.
 */
export const takeRequest = (q: RequestQueue, piece: number, block: number): number =>
  takeAt(q, find(q, piece, block))

/** As `takeRequest`, for a refusal: where the block was asked for twice, it is the first request that is refused first. */
export const takeRefused = (q: RequestQueue, piece: number, block: number): number =>
  takeAt(q, findOldest(q, piece, block))

const takeAt = (q: RequestQueue, offset: number): number => {
  if (offset === -1) return -1
  const i = (q.head + offset) & (q.pieces.length - 1)
  const at = q.ats[i]!
  q.takenAt = at
  q.takenReleased = q.states[i] === RELEASED
  remove(q, offset)
  return at
}

/** Whether the block was asked for and not answered, released or not. */
export const hasRequest = (q: RequestQueue, piece: number, block: number): boolean =>
  find(q, piece, block) !== -1

/**
 * Empties the queue, oldest first, and gives its memory back: no answer is welcome any more. The queue is empty before
 * the first visit.
 */
export const dropRequests = (
  q: RequestQueue,
  visit: (piece: number, block: number, isReleased: boolean) => void,
): void => {
  const { pieces, blocks, states, head, size } = q
  q.pieces = NO_INTS
  q.blocks = NO_INTS
  q.ats = NO_FLOATS
  q.states = NO_BYTES
  q.head = 0
  q.size = 0
  q.released = 0
  for (let offset = 0; offset < size; offset++) {
    const i = (head + offset) & (pieces.length - 1)
    visit(pieces[i]!, blocks[i]!, states[i] === RELEASED)
  }
}

/** Releases every promised request, oldest first. `visit` must not touch the queue. */
export const releaseRequests = (q: RequestQueue, visit: (piece: number, block: number) => void): void => {
  const mask = q.pieces.length - 1
  for (let offset = 0; offset < q.size; offset++) {
    const i = (q.head + offset) & mask
    if (q.states[i] === RELEASED) continue
    q.states[i] = RELEASED
    q.released++
    visit(q.pieces[i]!, q.blocks[i]!)
  }
}

/** Every request, oldest first, released ones too. `visit` must not touch the queue. */
export const forEachRequest = (
  q: RequestQueue,
  visit: (piece: number, block: number, isReleased: boolean) => void,
): void => {
  const mask = q.pieces.length - 1
  for (let offset = 0; offset < q.size; offset++) {
    const i = (q.head + offset) & mask
    visit(q.pieces[i]!, q.blocks[i]!, q.states[i] === RELEASED)
  }
}

/** Releases promised requests, newest first, until `kept` are left. `visit` must not touch the queue. */
export const releaseNewest = (
  q: RequestQueue,
  kept: number,
  visit: (piece: number, block: number) => void,
): void => {
  const mask = q.pieces.length - 1
  for (let offset = q.size - 1; offset >= 0 && q.size - q.released > kept; offset--) {
    const i = (q.head + offset) & mask
    if (q.states[i] === RELEASED) continue
    q.states[i] = RELEASED
    q.released++
    visit(q.pieces[i]!, q.blocks[i]!)
  }
}

/** Whether it is the request that was sent last, of those not answered. */
export const isNewest = (q: RequestQueue, piece: number, block: number): boolean => {
  if (q.size === 0) return false
  const i = (q.head + q.size - 1) & (q.pieces.length - 1)
  return q.pieces[i] === piece && q.blocks[i] === block
}

/**
 * The request is released, but stays: its answer is still to come. Answers whether there is one; `q.takenReleased` tells
 * whether it had been released before.
 */
export const releaseRequest = (q: RequestQueue, piece: number, block: number): boolean => {
  const offset = find(q, piece, block)
  if (offset === -1) return false
  const i = (q.head + offset) & (q.pieces.length - 1)
  q.takenReleased = q.states[i] === RELEASED
  if (q.takenReleased) return true
  q.states[i] = RELEASED
  q.released++
  return true
}

/**
 * Releases the requests for pieces that `isGone` names, and visits them, oldest first, those too that had been released
 * before. `visit` must not touch the queue.
 */
export const releasePieces = (
  q: RequestQueue,
  isGone: (piece: number) => boolean,
  visit: (piece: number, block: number, wasReleased: boolean) => void,
): void => {
  const mask = q.pieces.length - 1
  for (let offset = 0; offset < q.size; offset++) {
    const i = (q.head + offset) & mask
    if (!isGone(q.pieces[i]!)) continue
    const wasReleased = q.states[i] === RELEASED
    if (!wasReleased) {
      q.states[i] = RELEASED
      q.released++
    }
    visit(q.pieces[i]!, q.blocks[i]!, wasReleased)
  }
}

/** Removes the requests for pieces that `isGone` names, oldest first. `visit` must not touch the queue. */
export const removePieces = (
  q: RequestQueue,
  isGone: (piece: number) => boolean,
  visit: (piece: number, block: number, wasReleased: boolean) => void,
): void => {
  const mask = q.pieces.length - 1
  let kept = 0
  for (let offset = 0; offset < q.size; offset++) {
    const from = (q.head + offset) & mask
    const isReleased = q.states[from] === RELEASED
    if (isGone(q.pieces[from]!)) {
      if (isReleased) q.released--
      visit(q.pieces[from]!, q.blocks[from]!, isReleased)
      continue
    }
    const to = (q.head + kept++) & mask
    if (to === from) continue
    q.pieces[to] = q.pieces[from]!
    q.blocks[to] = q.blocks[from]!
    q.ats[to] = q.ats[from]!
    q.states[to] = q.states[from]!
  }
  q.size = kept
}

/** Promised requests: what is in flight. */
export const outstandingCount = (q: RequestQueue): number => q.size - q.released

/** When the oldest promised request was sent; `Infinity` if none is promised, so that nothing is overdue. */
export const oldestAt = (q: RequestQueue): number => {
  if (q.size === q.released) return Infinity
  const mask = q.pieces.length - 1
  let i = q.head
  while (q.states[i] === RELEASED) i = (i + 1) & mask
  return q.ats[i]!
}

/** How far behind the head the request is; the first promised one, else the first released one, else -1. */
const find = (q: RequestQueue, piece: number, block: number): number => {
  const mask = q.pieces.length - 1
  let late = -1
  let offset = -1
  // The same steps for the head as for any other: a step that first runs when a peer answers out of order would have the
  // optimizer begin again, with all that calls this.
  while (++offset < q.size) {
    const i = (q.head + offset) & mask
    if (q.blocks[i] !== block || q.pieces[i] !== piece) continue
    if (q.states[i] === PROMISED) return offset
    if (late === -1) late = offset
  }
  return late
}

const findOldest = (q: RequestQueue, piece: number, block: number): number => {
  const mask = q.pieces.length - 1
  for (let offset = 0; offset < q.size; offset++) {
    const i = (q.head + offset) & mask
    if (q.blocks[i] === block && q.pieces[i] === piece) return offset
  }
  return -1
}

/** Closes the gap from the head's side: as many moves as it took steps to find it. The last one fills what is given up. */
const remove = (q: RequestQueue, offset: number): void => {
  const mask = q.pieces.length - 1
  let to = (q.head + offset) & mask
  if (q.states[to] === RELEASED) q.released--
  for (let left = offset; left >= 0; left--) {
    const from = (to - 1) & mask
    q.pieces[to] = q.pieces[from]!
    q.blocks[to] = q.blocks[from]!
    q.ats[to] = q.ats[from]!
    q.states[to] = q.states[from]!
    to = from
  }
  q.head = (q.head + 1) & mask
  q.size--
}

const makeRoom = (q: RequestQueue): boolean => {
  const capacity = q.pieces.length
  if (capacity < MAX_CAPACITY) {
    grow(q, capacity === 0 ? FIRST_CAPACITY : capacity * 2)
    return true
  }
  if (q.released === 0) return false
  let offset = 0
  while (q.states[(q.head + offset) & (capacity - 1)] === PROMISED) offset++
  remove(q, offset)
  return true
}

const grow = (q: RequestQueue, capacity: number): void => {
  const { pieces, blocks, ats, states, head } = q
  q.pieces = new Int32Array(capacity)
  q.blocks = new Int32Array(capacity)
  q.ats = new Float64Array(capacity)
  q.states = new Uint8Array(capacity)
  q.head = 0
  for (let offset = 0; offset < q.size; offset++) {
    const i = (head + offset) & (pieces.length - 1)
    q.pieces[offset] = pieces[i]!
    q.blocks[offset] = blocks[i]!
    q.ats[offset] = ats[i]!
    q.states[offset] = states[i]!
  }
}
