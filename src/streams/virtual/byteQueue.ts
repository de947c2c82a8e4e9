/** Bytes in order, in the buffers they came in; copied on the way out. */
export interface ByteQueue {
  readonly size: () => number
  readonly push: (bytes: Uint8Array) => void
  /** The first `count` bytes (at most `size()`), in a buffer of their own. */
  readonly take: (count: number) => Uint8Array
  readonly clear: () => void
}

/** Consumed buffers are let go of once this many have gathered at the front. */
const COMPACT_AT = 64

export const createByteQueue = (): ByteQueue => {
  let buffers: Uint8Array[] = []
  let first = 0
  let begin = 0
  let size = 0

  return {
    size: () => size,
    push: (bytes) => {
      if (bytes.length === 0) return
      buffers.push(bytes)
      size += bytes.length
    },
    take: (count) => {
      const out = new Uint8Array(Math.min(count, size))
      let filled = 0
      while (filled < out.length) {
        const buffer = buffers[first]!
        const part = buffer.subarray(begin, begin + out.length - filled)
        out.set(part, filled)
        filled += part.length
        begin += part.length
        if (begin === buffer.length) {
          first++
          begin = 0
        }
      }
      size -= out.length
      if (first >= COMPACT_AT || size === 0) {
        buffers = buffers.slice(first)
        first = 0
      }
      return out
    },
    clear: () => {
      buffers = []
      first = 0
      begin = 0
      size = 0
    },
  }
}
