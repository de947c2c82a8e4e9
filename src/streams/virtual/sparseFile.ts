import { createRangeSet, type RangeSet } from './rangeSet.js'

/** A file that knows which of its bytes were ever written. */
export interface SparseFile {
  readonly write: (offset: number, bytes: Uint8Array) => void
  /** Copies into `target`; bytes never written come as zeros. */
  readonly read: (offset: number, target: Uint8Array) => void
  readonly written: Pick<RangeSet, 'covers' | 'count' | 'size' | 'forEach'>
}

const PAGE = 65_536

/** Pages are made when they are first written to: a huge file costs what is in it. */
export const createSparseFile = (): SparseFile => {
  const pages = new Map<number, Uint8Array>()
  const written = createRangeSet()

  const page = (index: number): Uint8Array => {
    const known = pages.get(index)
    if (known !== undefined) return known
    const fresh = new Uint8Array(PAGE)
    pages.set(index, fresh)
    return fresh
  }

  return {
    written,
    write: (offset, bytes) => {
      for (let done = 0; done < bytes.length;) {
        const within = (offset + done) % PAGE
        const part = bytes.subarray(done, done + PAGE - within)
        page((offset + done - within) / PAGE).set(part, within)
        done += part.length
      }
      written.add(offset, offset + bytes.length)
    },
    read: (offset, target) => {
      for (let done = 0; done < target.length;) {
        const within = (offset + done) % PAGE
        const count = Math.min(PAGE - within, target.length - done)
        const known = pages.get((offset + done - within) / PAGE)
        if (known === undefined) target.fill(0, done, done + count)
        else target.set(known.subarray(within, within + count), done)
        done += count
      }
    },
  }
}

/** A second file with the same bytes written. */
export const copySparseFile = (file: SparseFile): SparseFile => {
  const copy = createSparseFile()
  file.written.forEach((begin, end) => {
    const bytes = new Uint8Array(end - begin)
    file.read(begin, bytes)
    copy.write(begin, bytes)
  })
  return copy
}
