import { pieceStatus } from '../../index.js'
import type { Glyphs } from './glyphs.js'

/**
 * All pieces in one line of at most `columns` characters, first to last: each character stands for its share of the
 * pieces (for one, where there is room) and tells how many of them are there. Full only where all are.
 */
export const formatPieceMap = (status: Uint8Array, columns: number, glyphs: Glyphs): string => {
  const cells = Math.max(0, Math.min(columns, status.length))
  let map = ''
  for (let cell = 0; cell < cells; cell += 1) {
    const first = Math.floor((cell * status.length) / cells)
    const end = Math.floor(((cell + 1) * status.length) / cells)
    map += cellOf(status, first, end, glyphs)
  }
  return map
}

const cellOf = (status: Uint8Array, first: number, end: number, glyphs: Glyphs): string => {
  let have = 0
  let isActive = false
  for (let piece = first; piece < end; piece += 1) {
    if (status[piece] === pieceStatus.have) have += 1
    else if (status[piece] !== pieceStatus.missing) isActive = true
  }
  if (have === 0) return isActive ? glyphs.active : glyphs.none
  const full = glyphs.shares.length - 1
  const share = Math.min(Math.floor((have / (end - first)) * full), full)
  return glyphs.shares[share] ?? ''
}
