/** The memory in which pieces under way are gathered: one buffer of a piece's length for each slot in use. */
export interface Slots {
  /** Copies a block in: the one copy that payload gets. */
  readonly store: (slot: number, begin: number, payload: Uint8Array) => void
  readonly view: (slot: number, length: number) => Uint8Array
  /** Takes back memory that was lent out with `view` and came home in another buffer. */
  readonly giveBack: (slot: number, bytes: Uint8Array) => void
  /** Lets go of all memory that is not lent out. */
  readonly drop: () => void
}

export const createSlots = (pieceLength: number): Slots => {
  let buffers: (Uint8Array | undefined)[] = []
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
    },
    view: (slot, length) => at(slot).subarray(0, length),
    giveBack: (slot, bytes) => {
      buffers[slot] = new Uint8Array(bytes.buffer)
    },
    drop: () => {
      buffers = []
    },
  }
}
