import { createHash } from 'node:crypto'
import type { StorageFile, StorageLayout } from '../../src/streams/deps.js'

export type FileSpec = Partial<StorageFile> & {
  readonly path: ReadonlyArray<string>
  readonly length: number
}

/** A layout of files that lie one after the other in the stream. */
export const storageLayout = (pieceLength: number, specs: ReadonlyArray<FileSpec>): StorageLayout => {
  let offset = 0
  const files = specs.map((spec) => {
    const file = { isPad: false, isExecutable: false, symlink: undefined, ...spec, offset }
    offset += spec.length
    return file
  })
  const id = createHash('sha1')
    .update(JSON.stringify([pieceLength, specs]))
    .digest('hex')
  return { id, pieceLength, length: offset, files }
}

/** Bytes that differ from place to place, the same each time. */
export const payload = (length: number, seed = 1): Uint8Array => {
  const bytes = new Uint8Array(length)
  let state = seed
  for (let at = 0; at < length; at += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    bytes[at] = state >>> 24
  }
  return bytes
}
