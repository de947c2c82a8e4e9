import { toHex } from '../../codecs/bytes.js'
import { hashTree, type HashTree } from '../../codecs/hashTree.js'
import { pieceHeight } from '../../codecs/merkle.js'
import type { SessionModel } from './model.js'

/** The tree of the file with that root from its piece layer upwards, made when it is asked for; undefined without a layer. */
export const treeOf = ({ config, hashTrees }: SessionModel, root: Uint8Array): HashTree | undefined => {
  const hex = toHex(root)
  const known = hashTrees.get(hex)
  const { pieceLayers, pieceLength } = config.metainfo
  const layer = pieceLayers.get(hex)
  if (known !== undefined || layer === undefined) return known
  const tree = hashTree(layer, pieceHeight(pieceLength))
  hashTrees.set(hex, tree)
  return tree
}
