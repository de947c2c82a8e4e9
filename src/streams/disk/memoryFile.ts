import { addInterval, hasInterval, noIntervals } from './intervals.js'
import type { Intervals } from './intervals.js'

/** Memory is taken in chunks of this size, as they are written to. */
const CHUNK_BYTES = 64 * 1024

/** A file in memory: sparse, and aware of what was written. Changed only by `writeMemoryFile`. */
export interface MemoryFile {
  readonly chunks: Map<number, Uint8Array>
  readonly written: Intervals
}

export const newMemoryFile = (): MemoryFile => ({ chunks: new Map(), written: noIntervals() })

export const writeMemoryFile = (file: MemoryFile, position: number, bytes: Uint8Array): void => {
  let done = 0
  while (done < bytes.length) {
    const at = position + done
    const index = Math.floor(at / CHUNK_BYTES)
    const inChunk = at - index * CHUNK_BYTES
    const length = Math.min(CHUNK_BYTES - inChunk, bytes.length - done)
    let chunk = file.chunks.get(index)
    if (chunk === undefined) file.chunks.set(index, (chunk = new Uint8Array(CHUNK_BYTES)))
    chunk.set(bytes.subarray(done, done + length), inChunk)
    done += length
  }
  addInterval(file.written, position, position + bytes.length)
}

/** Fills `bytes` from `position` on; false, and nothing done, where a byte of it was never written. */
export const readMemoryFile = (file: MemoryFile, position: number, bytes: Uint8Array): boolean => {
  if (!hasInterval(file.written, position, position + bytes.length)) return false
  let done = 0
  while (done < bytes.length) {
    const at = position + done
    const index = Math.floor(at / CHUNK_BYTES)
    const inChunk = at - index * CHUNK_BYTES
    const length = Math.min(CHUNK_BYTES - inChunk, bytes.length - done)
    bytes.set(file.chunks.get(index)!.subarray(inChunk, inChunk + length), done)
    done += length
  }
  return true
}
