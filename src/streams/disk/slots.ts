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

/** What came out of order is hashed later, as much at once as does not hold the loop: less than a millisecond. */
const REST_BYTES = 1024 * 1024

interface Progress {
  readonly hash: RunningHash
  /** Bytes from the start that were hashed. */
  hashed: number
  /** Blocks beyond them that are here, begin to length; made with the first one. */
  ahead: Map<number, number> | undefined
}

/** `start` begins a hash that goes along with the blocks of a piece. */
export const createSlots = (pieceLength: number, start?: () => RunningHash): Slots => {
  let buffers: (Uint8Array | undefined)[] = []
  let progress: (Progress | undefined)[] = []

  /** Every use of a slot gets its block 0, some time, and what was hashed before it is forgotten then. */
  const goAlong = (slot: number, begin: number, payload: Uint8Array): void => {
    if (begin === 0 && start !== undefined) progress[slot] = { hash: start(), hashed: 0, ahead: undefined }
    const running = progress[slot]
    if (running === undefined) return
    if (running.hashed === begin) {
      running.hash.update(payload)
      running.hashed += payload.length
    } else if (begin > running.hashed) (running.ahead ??= new Map()).set(begin, payload.length)
    if (running.ahead !== undefined) catchUp(slot, running, running.ahead)
  }

  const catchUp = (slot: number, running: Progress, ahead: Map<number, number>): void => {
    const from = running.hashed
    let to = from
    for (let length = ahead.get(to); length !== undefined && to - from < REST_BYTES; length = ahead.get(to)) {
      ahead.delete(to)
      to += length
    }
    if (to === from) return
    running.hash.update(at(slot).subarray(from, to))
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
      goAlong(slot, begin, payload)
    },
    view: (slot, length) => at(slot).subarray(0, length),
    digest: (slot, length) => {
      const running = progress[slot]
      progress[slot] = undefined
      if (running === undefined || length - running.hashed > REST_BYTES) return undefined
      if (running.hashed < length) running.hash.update(at(slot).subarray(running.hashed, length))
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
