import { hasBit } from '../piece/bitfield.js'
import { piecesOfFile } from '../piece/fileMap.js'
import type { SessionModel } from './model.js'

/** By file: whether a piece of it is had, so that what lies there, or a part of it, is the torrent's. */
export const vouchedFiles = ({ table, geometry, config }: SessionModel): ReadonlyArray<boolean> =>
  config.metainfo.files.map((file) => {
    const own = piecesOfFile(file, geometry.pieceLength)
    if (own === undefined) return false
    for (let piece = own.first; piece <= own.last; piece++) if (hasBit(table.haveBits, piece)) return true
    return false
  })
