import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, ResumeData } from '../../codecs/resume.js'
import { createBits, hasBit, setAllBits } from '../piece/bitfield.js'
import { type FileExtent, piecesOfFile } from '../piece/fileMap.js'
import type { Geometry } from '../piece/geometry.js'
import { isSameStat } from './isSameStat.js'

/** What of resume data holds, as far as the storage's word goes. */
export interface Trust {
  /** Pieces of which the claim, had or not, can be taken without a look; as bits. */
  readonly known: Uint8Array
  /** Files that are not what they were when the data were written. */
  readonly changed: ReadonlyArray<number>
}

interface TrustedFile extends FileExtent {
  readonly isPad: boolean
}

/**
 * Holds the files of resume data against what the storage has now. A piece is known where all its files are as they
 * were and, if it is claimed, reach as far as the piece does: what is claimed of a file that is not there, or is too
 * short, is never believed; nor is what may not have come to the device.
 */
export const trustedPieces = (
  files: ReadonlyArray<TrustedFile>,
  geometry: Geometry,
  data: ResumeData,
  now: ReadonlyArray<Option<FileStat>>,
): Trust => {
  const { pieceLength, pieceCount } = geometry
  const known = createBits(pieceCount)
  setAllBits(known, pieceCount)
  const forget = (first: number, last: number, onlyHad: boolean): void => {
    for (let piece = first; piece <= last; piece++) {
      if (!onlyHad || hasBit(data.pieces, piece)) known[piece >> 3]! &= ~(0x80 >> (piece & 7))
    }
  }
  const changed: number[] = []
  files.forEach((file, index) => {
    const range = piecesOfFile(file, pieceLength)
    if (file.isPad || range === undefined) return
    const before = data.files[index] ?? O.none
    const after = now[index] ?? O.none
    if (!isSameStat(before, after)) {
      changed.push(index)
      forget(range.first, range.last, false)
      return
    }
    const size = O.isNone(after) ? 0 : after.value.size
    if (size < file.length) forget(Math.floor((file.offset + size) / pieceLength), range.last, true)
  })
  if (O.isSome(data.unsynced)) {
    const { pieces } = data.unsynced.value
    for (let i = 0; i < known.length; i++) known[i]! &= ~pieces[i]!
  }
  return { known, changed }
}
