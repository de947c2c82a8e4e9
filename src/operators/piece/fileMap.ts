import { hasBit } from './bitfield.js'

/** Where a file lies in the stream that pieces are cut from. Both in bytes. */
export interface FileExtent {
  readonly offset: number
  readonly length: number
}

/** A run of bytes of one file. */
export interface FileSpan {
  /** Index of the file. */
  readonly file: number
  /** First byte, counted in the file. */
  readonly position: number
  /** First byte, counted in the interval that was asked for. */
  readonly begin: number
  readonly length: number
}

/**
 * The parts of files that make up `length` bytes of the stream from `offset` on, in order. Empty files have no part;
 * bytes that belong to no file (alignment without pad files) are left out. O(log files + parts).
 *
 * `files` are in the order of the stream and do not overlap.
 *
 * @example
 * ```ts
 * fileSpans([{ offset: 0, length: 3 }, { offset: 3, length: 9 }], 2, 4)
 * // [{ file: 0, position: 2, begin: 0, length: 1 }, { file: 1, position: 0, begin: 1, length: 3 }]
 * ```
 */
export const fileSpans = (
  files: ReadonlyArray<FileExtent>,
  offset: number,
  length: number,
): ReadonlyArray<FileSpan> => {
  const end = offset + length
  const spans: FileSpan[] = []
  for (let file = fileAfter(files, offset); file < files.length; file += 1) {
    const extent = files[file]!
    if (extent.offset >= end) break
    const from = Math.max(offset, extent.offset)
    const to = Math.min(end, extent.offset + extent.length)
    if (from < to)
      spans.push({ file, position: from - extent.offset, begin: from - offset, length: to - from })
  }
  return spans
}

/** First file that ends after `offset`; the number of files where none does. */
const fileAfter = (files: ReadonlyArray<FileExtent>, offset: number): number => {
  let low = 0
  let high = files.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const { offset: begin, length } = files[middle]!
    if (begin + length > offset) high = middle
    else low = middle + 1
  }
  return low
}

/** First and last piece that hold a byte of the file; undefined for an empty file. */
export const piecesOfFile = (
  { offset, length }: FileExtent,
  pieceLength: number,
): { readonly first: number; readonly last: number } | undefined =>
  length === 0
    ? undefined
    : { first: Math.floor(offset / pieceLength), last: Math.floor((offset + length - 1) / pieceLength) }

/** The files that have a byte in a piece of those, given as bits, in their order. */
export const filesOfPieces = (
  files: ReadonlyArray<FileExtent>,
  pieceLength: number,
  pieces: Uint8Array,
): ReadonlyArray<number> =>
  [...files.keys()].filter((file) => {
    const range = piecesOfFile(files[file]!, pieceLength)
    for (let piece = range?.first ?? 0; piece <= (range?.last ?? -1); piece++) {
      if (hasBit(pieces, piece)) return true
    }
    return false
  })
