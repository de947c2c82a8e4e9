import type { RunningHash } from '../deps.js'
import { type BufferPool, createBufferPool } from './bufferPool.js'
import { addInterval, clearIntervals, type Intervals, noIntervals, takeUpTo } from './intervals.js'

/** The memory in which pieces under way are gathered: one buffer of a piece's length for each slot in use. */
export interface Slots {
  /** Copies a block in: the one copy that payload gets. */
  readonly store: (slot: number, begin: number, payload: Uint8Array) => void
  readonly view: (slot: number, length: number) => Uint8Array
  /** SHA-1 of the first `length` bytes, if they were hashed as they came, or all but little of them. */
  readonly digest: (slot: number, length: number) => Uint8Array | undefined
  /** Takes back memory that was lent out with `view` and came home in another buffer. */
  readonly giveBack: (slot: number, bytes: Uint8Array) => void
  /** As `view`, for who will `release` it. */
  readonly lend: (slot: number, length: number) => Uint8Array
  /** Nobody reads what was lent any more, nor is it of use: others may have its memory. Once, and not after a later loan. */
  readonly release: (slot: number, lent: Uint8Array) => void
  /** Lets go of all memory that is not lent out. */
  readonly drop: () => void
}

/** Hashed at once at most: less than a millisecond of the loop's time. What is left at the end may be as much. */
const MOST_AT_ONCE = 1024 * 1024

/** Hashed at once at least, but for the end: it is still in the cache, and a call for each block costs a tenth more. */
const LEAST_AT_ONCE = 128 * 1024

/** How far a piece's hash has come. One for each slot, used again for the next piece. */
interface Progress {
  /** Undefined where none goes along. */
  hash: RunningHash | undefined
  /** Bytes from the start that were hashed. */
  hashed: number
  /** Bytes from the start that are here. */
  here: number
  /** Bytes beyond them that are here. A map of blocks would be made anew with each that comes and goes. */
  readonly ahead: Intervals
}

/** `start` begins a hash that goes along with the blocks of a piece; `pool` is where the memory comes from. */
export const createSlots = (
  pieceLength: number,
  start?: () => RunningHash,
  pool: BufferPool = createBufferPool(),
): Slots => {
  let leave: (() => void) | undefined
  let buffers: (Uint8Array | undefined)[] = []
  /** The latest of each slot, while it is out. */
  let loans: (Uint8Array | undefined)[] = []
  let progress: Progress[] = []

  /** Every use of a slot gets its block 0, some time, and what was hashed before it is forgotten then. */
  const goAlong = (slot: number, begin: number, length: number): void => {
    const running = progress[slot]!
    if (begin === 0 && start !== undefined) {
      running.hash = start()
      running.hashed = 0
      running.here = 0
      clearIntervals(running.ahead)
    }
    const { hash, ahead } = running
    if (hash === undefined) return
    // Block 0 goes by the intervals as well, so that the way of those out of order is compiled from the start.
    if (begin === running.here && begin > 0) running.here += length
    else addInterval(ahead, begin, begin + length)
    running.here = takeUpTo(ahead, running.here)
    if (running.here - running.hashed >= LEAST_AT_ONCE) hashOn(slot, running, hash, running.here)
  }

  const hashOn = (slot: number, running: Progress, hash: RunningHash, end: number): void => {
    const to = Math.min(end, running.hashed + MOST_AT_ONCE)
    hash.update(at(slot).subarray(running.hashed, to))
    running.hashed = to
  }

  const at = (slot: number): Uint8Array => {
    // Nothing is read beyond the end: the optimizer would have to begin again.
    while (slot >= buffers.length) {
      buffers.push(undefined)
      loans.push(undefined)
      progress.push({ hash: undefined, hashed: 0, here: 0, ahead: noIntervals() })
    }
    const buffer = buffers[slot]
    // Memory that was lent out and never came home leaves an empty view.
    if (buffer !== undefined && buffer.length > 0) return buffer
    leave ??= pool.join()
    const fresh = pool.take(pieceLength)
    buffers[slot] = fresh
    return fresh
  }
  return {
    store: (slot, begin, payload) => {
      at(slot).set(payload, begin)
      goAlong(slot, begin, payload.length)
    },
    view: (slot, length) => at(slot).subarray(0, length),
    digest: (slot, length) => {
      const running = progress[slot]
      const hash = running?.hash
      if (running === undefined || hash === undefined) return undefined
      running.hash = undefined
      if (length - running.hashed > MOST_AT_ONCE) return undefined
      if (running.hashed < length) hashOn(slot, running, hash, length)
      return hash.digest()
    },
    giveBack: (slot, bytes) => {
      // Not wanted any more where all was dropped meanwhile.
      if (slot < buffers.length) buffers[slot] = new Uint8Array(bytes.buffer)
    },
    lend: (slot, length) => {
      const bytes = at(slot).subarray(0, length)
      loans[slot] = bytes
      return bytes
    },
    release: (slot, lent) => {
      const bytes = buffers[slot]
      if (bytes === undefined || bytes.length === 0 || loans[slot] !== lent) return
      loans[slot] = undefined
      buffers[slot] = undefined
      pool.giveBack(bytes)
    },
    drop: () => {
      leave?.()
      leave = undefined
      buffers = []
      loans = []
      progress = []
    },
  }
}
