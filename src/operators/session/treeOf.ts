import { toHex } from '../../codecs/bytes.js'
import { beginTree, growTree, type HashTree } from '../../codecs/hashTree.js'
import { pieceHeight } from '../../codecs/merkle.js'
import { emit } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'

/**
 * The tree of the file with that root from its piece layer upwards, made when it is asked for; undefined without a layer.
 * A large one is made in stretches, so that the loop stays free: `growing` until `growTrees` answers that one is whole.
 */
export const treeOf = (model: SessionModel, root: Uint8Array): HashTree | 'growing' | undefined => {
  const { config, hashTrees } = model
  const hex = toHex(root)
  const whole = hashTrees.whole.get(hex)
  if (whole !== undefined) return whole
  const { pieceLayers, pieceLength } = config.metainfo
  const layer = pieceLayers.get(hex)
  if (layer === undefined) return undefined
  const known = hashTrees.growing.get(hex)
  const tree = known ?? beginTree(layer, pieceHeight(pieceLength))
  if (known === undefined) growTree(tree, SESSION_LIMITS.treeHashesAtOnce)
  if (tree.isWhole) {
    hashTrees.whole.set(hex, tree)
    return tree
  }
  hashTrees.growing.set(hex, tree)
  awaitTurn(model)
  return 'growing'
}

const awaitTurn = (model: SessionModel): void => {
  if (model.hashTrees.awaitsTurn) return
  model.hashTrees.awaitsTurn = true
  emit(model, { _tag: 'AwaitHashTurn' })
}

/**
 * The loop has had its turn: makes the next hashes, if `isAwaited`, and answers whether a tree is whole with them. What
 * nobody waits for any more stays as it is, lest who asks and leaves have it made anew.
 */
export const growTrees = (model: SessionModel, isAwaited: boolean): boolean => {
  const { hashTrees } = model
  const { whole, growing } = hashTrees
  hashTrees.awaitsTurn = false
  if (!isAwaited) return false
  const before = whole.size
  let left: number = SESSION_LIMITS.treeHashes
  for (const [hex, tree] of growing) {
    left -= growTree(tree, left)
    if (!tree.isWhole) break
    growing.delete(hex)
    whole.set(hex, tree)
  }
  if (growing.size > 0) awaitTurn(model)
  return whole.size > before
}
