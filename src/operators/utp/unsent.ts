/** Bytes that wait to be put into packets, in the buffers they came in. */
export interface Unsent {
  readonly buffers: Uint8Array[]
  /** The first buffer that is not used up, and where in it. */
  first: number
  begin: number
  bytes: number
}

/** Used buffers are let go of once so many have gathered at the front. */
const COMPACT_AT = 64

export const createUnsent = (): Unsent => ({ buffers: [], first: 0, begin: 0, bytes: 0 })

export const addUnsent = (unsent: Unsent, buffer: Uint8Array): void => {
  if (buffer.length === 0) return
  unsent.buffers.push(buffer)
  unsent.bytes += buffer.length
}

/** Moves the first bytes to the end of `packet`, from `at` on; there are as many. */
export const takeUnsent = (unsent: Unsent, packet: Uint8Array, at: number): void => {
  const { buffers } = unsent
  unsent.bytes -= packet.length - at
  for (let filled = at; filled < packet.length;) {
    const buffer = buffers[unsent.first]!
    const part = buffer.subarray(unsent.begin, unsent.begin + packet.length - filled)
    packet.set(part, filled)
    filled += part.length
    unsent.begin += part.length
    if (unsent.begin === buffer.length) {
      unsent.first++
      unsent.begin = 0
    }
  }
  if (unsent.first >= COMPACT_AT || unsent.bytes === 0) {
    buffers.splice(0, unsent.first)
    unsent.first = 0
  }
}

export const clearUnsent = (unsent: Unsent): void => {
  unsent.buffers.length = 0
  unsent.first = 0
  unsent.begin = 0
  unsent.bytes = 0
}
