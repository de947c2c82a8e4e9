import type { RunningHash } from '../deps.js'

/** The memory in which pieces under way are gathered: one buffer of a piece's length for each slot in use. */
export interface Slots {
  /** Copies a block in: the one copy that payload gets. */
  readonly store: (slot: number, begin: number, payload: Uint8Array) => void
  readonly view: (slot: number, length: number) => Uint8Array
  /** SHA-1 of the first `length` bytes, if they were hashed as they came, or all but little of them. */
  readonly digest: (slot: number, length: number) => Uint8Array | undefined
  /** Takes back memory that was lent out with `view` and came home in another buffer. */
  readonly giveBack: (slot: number, bytes: Uint8Array) => void
  /** Lets go of all memory that is not lent out. */
  readonly drop: () => void
}

/** Hashed at once at most: less than a millisecond of the loop's time. What is left at the end may be as much. */
const MOST_AT_ONCE = 1024 * 1024

/** Hashed at once at least, but for the end: it is still in the cache, and a call for each block costs a tenth more. */
const LEAST_AT_ONCE = 128 * 1024

interface Progress {
  readonly hash: RunningHash
  /** Bytes from the start that were hashed. */
  hashed: number
  /** Bytes from the start that are here. */
  here: number
  /** Blocks beyond them that are here, begin to length; made with the first one. */
  ahead: Map<number, number> | undefined
}

/** `start` begins a hash that goes along with the blocks of a piece. */
export const createSlots = (pieceLength: number, start?: () => RunningHash): Slots => {
  let buffers: (Uint8Array | undefined)[] = []
  let progress: (Progress | undefined)[] = []

  /** Every use of a slot gets its block 0, some time, and what was hashed before it is forgotten then. */
  const goAlong = (slot: number, begin: number, length: number): void => {
    if (begin === 0 && start !== undefined)
      progress[slot] = { hash: start(), hashed: 0, here: 0, ahead: undefined }
    const running = progress[slot]
    if (running === undefined) return
    if (begin > running.here) (running.ahead ??= new Map()).set(begin, length)
    if (begin !== running.here) return
    running.here += length
    if (running.ahead !== undefined) catchUp(running, running.ahead)
    if (running.here - running.hashed >= LEAST_AT_ONCE) hashOn(slot, running, running.here)
  }

  const catchUp = (running: Progress, ahead: Map<number, number>): void => {
    for (let length = ahead.get(running.here); length !== undefined; length = ahead.get(running.here)) {
      ahead.delete(running.here)
      running.here += length
    }
  }

  const hashOn = (slot: number, running: Progress, end: number): void => {
    const to = Math.min(end, running.hashed + MOST_AT_ONCE)
    running.hash.update(at(slot).subarray(running.hashed, to))
    running.hashed = to
  }

  const at = (slot: number): Uint8Array => {
    const buffer = buffers[slot]
    // Memory that was lent out and never came home leaves an empty view.
    if (buffer !== undefined && buffer.length > 0) return buffer
    const fresh = new Uint8Array(pieceLength)
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
      progress[slot] = undefined
      if (running === undefined || length - running.hashed > MOST_AT_ONCE) return undefined
      if (running.hashed < length) hashOn(slot, running, length)
      return running.hash.digest()
    },
    giveBack: (slot, bytes) => {
      buffers[slot] = new Uint8Array(bytes.buffer)
    },
    drop: () => {
      buffers = []
      progress = []
    },
  }
}
