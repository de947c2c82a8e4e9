import { PIECE_HEADER_LENGTH } from '../../codecs/wire/messageId.js'
import { putPieceHeader } from '../../codecs/wire/write.js'
import { SESSION_LIMITS } from '../../operators/session/limits.js'

/** A run of blocks as `piece` messages in one buffer: one write, and nothing is copied to get there. */
export interface Frames {
  /** All of it, headers filled in. */
  readonly bytes: Uint8Array
  /** Where the blocks go, in order: views of `bytes`. */
  readonly blocks: ReadonlyArray<Uint8Array>
}

/** Memory for blocks on their way to peers, used again and again: what is thrown away keeps the collector busy. */
export interface ServePool {
  readonly take: (piece: number, begin: number, length: number, blockLength: number) => Frames
  /** Nobody reads or writes its bytes any more. */
  readonly giveBack: (frames: Frames) => void
}

/** A run of the usual blocks of 16 KiB, with their headers. */
const BUFFER_BYTES = SESSION_LIMITS.serveRun + (SESSION_LIMITS.serveRun / (16 * 1024)) * PIECE_HEADER_LENGTH

/** Kept while nobody needs them: 4 MiB. */
const MAX_SPARE = 16

export const createServePool = (): ServePool => {
  const spare: Uint8Array[] = []

  const buffer = (length: number): Uint8Array => {
    // Small ones are cheap, and would waste a large one.
    if (length > BUFFER_BYTES || length < BUFFER_BYTES / 4) return new Uint8Array(length)
    return (spare.pop() ?? new Uint8Array(BUFFER_BYTES)).subarray(0, length)
  }

  return {
    take: (piece, begin, length, blockLength) => {
      const count = Math.ceil(length / blockLength)
      const bytes = buffer(length + count * PIECE_HEADER_LENGTH)
      const blocks: Uint8Array[] = []
      let at = 0
      for (let start = 0; start < length; start += blockLength) {
        const size = Math.min(blockLength, length - start)
        putPieceHeader(bytes, at, piece, begin + start, size)
        at += PIECE_HEADER_LENGTH
        blocks.push(bytes.subarray(at, at + size))
        at += size
      }
      return { bytes, blocks }
    },
    giveBack: ({ bytes }) => {
      const { buffer: memory } = bytes
      if (memory.byteLength === BUFFER_BYTES && spare.length < MAX_SPARE) spare.push(new Uint8Array(memory))
    },
  }
}
