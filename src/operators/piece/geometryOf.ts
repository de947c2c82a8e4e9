import type { Metainfo } from '../../codecs/metainfoModel.js'
import { shortPieces } from '../../codecs/shortPieces.js'
import { createGeometry, type Geometry } from './geometry.js'

/** How the pieces of a torrent are cut: those of a v2-only one end with their file, those of others go on through pad files. */
export const geometryOf = (
  { version, streamLength, pieceLength, files }: Metainfo,
  blockLength?: number,
): Geometry =>
  createGeometry(
    streamLength,
    pieceLength,
    blockLength,
    version === 'v2' ? shortPieces(files, pieceLength) : undefined,
  )
