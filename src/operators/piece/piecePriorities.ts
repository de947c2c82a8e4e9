import type { FileEntry } from '../../codecs/metainfoModel.js'
import { type FileExtent, piecesOfFile } from './fileMap.js'
import type { Geometry } from './geometry.js'
import { HIGHEST_PRIORITY } from './pickOrder.js'

/** A file, as far as priorities go. */
export type PrioritizedFile = FileExtent & Pick<FileEntry, 'isPad'>

/**
 * What is wrong with priorities for so many files; undefined: nothing. They are whole numbers from 0 (not wanted) to 7
 * (first), one a file.
 */
export const prioritiesProblem = (
  priorities: ReadonlyArray<number>,
  fileCount: number,
): string | undefined => {
  if (!Array.isArray(priorities)) return 'the priorities are no array'
  if (priorities.length !== fileCount) {
    return `${String(priorities.length)} priorities for ${String(fileCount)} files`
  }
  const bad = priorities.findIndex(
    (priority) => !(Number.isInteger(priority) && priority >= 0 && priority <= HIGHEST_PRIORITY),
  )
  return bad < 0
    ? undefined
    : `priority of file ${String(bad)} is not one of 0 to ${String(HIGHEST_PRIORITY)}`
}

/**
 * The priority of each piece: the highest of the files that have a byte in it. Pad files and empty ones count for
 * nothing; a piece that holds no file's bytes goes with the least wanted file. O(files + pieces).
 */
export const piecePriorities = (
  files: ReadonlyArray<PrioritizedFile>,
  priorities: ArrayLike<number>,
  geometry: Geometry,
): Uint8Array => {
  const result = new Uint8Array(geometry.pieceCount)
  const isFilled = new Uint8Array(geometry.pieceCount)
  let least = HIGHEST_PRIORITY
  files.forEach((file, index) => {
    const pieces = file.isPad ? undefined : piecesOfFile(file, geometry.pieceLength)
    if (pieces === undefined) return
    const priority = priorities[index]!
    least = Math.min(least, priority)
    for (let piece = pieces.first; piece <= pieces.last; piece++) {
      isFilled[piece] = 1
      if (result[piece]! < priority) result[piece] = priority
    }
  })
  for (let piece = 0; piece < result.length; piece++) if (isFilled[piece] === 0) result[piece] = least
  return result
}
