import * as O from '#fp/Option'
import { equalBytes } from '../../codecs/bytes.js'
import { type HashTree, isLeafRange } from '../../codecs/hashTree.js'
import { MERKLE_BLOCK_LENGTH, pieceHeight } from '../../codecs/merkle.js'
import type { HashRange } from '../../codecs/wire/message.js'
import { hasPiece } from '../piece/pieceTable.js'
import type { LeafPiece } from './hashUploads.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'

/** The piece that leaves are asked of, of the file with that tree, if it has one; undefined where it is not had, or larger than it may be, or where they are not those of one piece. */
export const leafPiece = (
  model: SessionModel,
  range: HashRange,
  tree: HashTree | undefined,
): LeafPiece | undefined => {
  const { root, baseLayer, index } = range
  const { files, pieceLength } = model.config.metainfo
  const file = files.find(({ piecesRoot }) => O.isSome(piecesRoot) && equalBytes(piecesRoot.value, root))
  if (baseLayer !== 0 || file === undefined) return undefined
  const place = Math.floor((index * MERKLE_BLOCK_LENGTH) / pieceLength)
  const begin = place * pieceLength
  const piece = (file.offset + begin) / pieceLength
  if (begin >= file.length || !hasPiece(model.table, piece)) return undefined
  const above = file.length > pieceLength ? tree : rootAlone(root, file.length)
  // Leaves that are pieces are in the layer itself.
  if (above === undefined || (file.length > pieceLength && pieceHeight(pieceLength) === 0)) return undefined
  const length = Math.min(pieceLength, file.length - begin)
  if (length > SESSION_LIMITS.leafPieceBytes || !isLeafRange(place, above, range)) return undefined
  return { piece, place, length, above }
}

const rootAlone = (root: Uint8Array, fileLength: number): HashTree => ({
  baseLayer: Math.ceil(Math.log2(Math.ceil(fileLength / MERKLE_BLOCK_LENGTH))),
  layers: [root],
})
