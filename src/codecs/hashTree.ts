import { MAX_HASH_REQUEST } from './limits.js'
import { emptyAbove, fillParents, HASH_LENGTH, hashBlocks, merkleParent, padHash } from './merkle.js'
import type { HashRange } from './wire/message.js'

/** A file's hash tree from its piece layer upwards (BEP 52): what requests for hashes are answered from. */
export interface HashTree {
  /** Layers below the first of `layers`. */
  readonly baseLayer: number
  /** From the piece layer to the root; what only fills up to a power of two is left out. */
  readonly layers: ReadonlyArray<Uint8Array>
}

/**
 * The tree over a layer that is `baseLayer` layers above the leaves: as many hashes to make as there are in it. It ends with
 * one hash, at `upTo` or above.
 */
export const hashTree = (lowest: Uint8Array, baseLayer: number, upTo = baseLayer): HashTree => {
  const growing = beginTree(lowest, baseLayer, upTo)
  growTree(growing, Infinity)
  return growing
}

/** A tree that is made piecemeal. Mutable, for one owner; a `HashTree` once it `isWhole`. */
export interface GrowingTree extends HashTree {
  readonly upTo: number
  readonly layers: Uint8Array[]
  /** The layer that is being made, of which so many hashes are there, and what fills up the one below. */
  above: Uint8Array
  made: number
  filler: Uint8Array
  isWhole: boolean
}

/** The beginning of what `hashTree` makes at once. */
export const beginTree = (lowest: Uint8Array, baseLayer: number, upTo = baseLayer): GrowingTree => ({
  baseLayer,
  upTo,
  layers: [lowest],
  above: emptyAbove(lowest),
  made: 0,
  filler: padHash(baseLayer),
  isWhole: lowest.length <= HASH_LENGTH && baseLayer >= upTo,
})

/** Makes `most` hashes more, or as many as are left; answers how many. */
export const growTree = (tree: GrowingTree, most: number): number => {
  let all = 0
  while (!tree.isWhole && all < most) {
    const { layers, above, made, filler } = tree
    const count = above.length / HASH_LENGTH
    const end = Math.min(count, made + most - all)
    fillParents(layers[layers.length - 1]!, filler, above, made, end)
    all += end - made
    tree.made = end
    if (end < count) break
    layers.push(above)
    tree.isWhole = count <= 1 && tree.baseLayer + layers.length - 1 >= tree.upTo
    tree.above = emptyAbove(above)
    tree.made = 0
    tree.filler = merkleParent(filler, filler)
  }
  return all
}

type Asked = Omit<HashRange, 'root'>

/**
 * The hashes of a range with the uncles on the way up, or undefined where there are none to give: a layer below that of
 * the pieces, a range that lies across others or outside, more than anybody is to ask for at once.
 */
export const hashesIn = ({ baseLayer, layers }: HashTree, asked: Asked): Uint8Array | undefined =>
  asked.baseLayer < baseLayer
    ? undefined
    : hashesOf(asked, baseLayer + layers.length - 1, (layer, index) =>
        hashAt(layers[layer - baseLayer]!, index),
      )

/**
 * As `hashesIn`, of the leaves of one piece, the one at `place` in its file: made of its bytes, those of the file alone, and
 * of the tree above. Undefined for a range that reaches out of the piece.
 */
export const leavesIn = (
  piece: Uint8Array,
  place: number,
  above: HashTree,
  asked: Asked,
): Uint8Array | undefined => {
  const height = above.baseLayer
  const { index, length } = asked
  if (Math.floor(index / 2 ** height) !== place || length > 2 ** height) return undefined
  const own = hashTree(hashBlocks(piece), 0, height).layers
  return hashesOf({ ...asked, baseLayer: 0 }, height + above.layers.length - 1, (layer, at) =>
    layer < height
      ? hashAt(own[layer]!, at - place * 2 ** (height - layer))
      : hashAt(above.layers[layer - height]!, at),
  )
}

/** Whether `leavesIn` has an answer: told without the bytes. */
export const isLeafRange = (
  place: number,
  { baseLayer, layers }: HashTree,
  { index, length, proofLayers }: Asked,
): boolean =>
  isPowerOfTwo(length) &&
  length <= Math.min(MAX_HASH_REQUEST, 2 ** baseLayer) &&
  index % length === 0 &&
  Math.floor(index / 2 ** baseLayer) === place &&
  proofLayers <= baseLayer + layers.length - 1

/** `find` knows the hashes of each layer up to `top`, the root; behind the end of the file there are none. */
const hashesOf = (
  { baseLayer, index, length, proofLayers }: Asked,
  top: number,
  find: (layer: number, index: number) => Uint8Array | undefined,
): Uint8Array | undefined => {
  if (baseLayer > top || proofLayers > top - baseLayer) return undefined
  if (length > MAX_HASH_REQUEST || !isPowerOfTwo(length)) return undefined
  if (index % length !== 0 || index + length > 2 ** (top - baseLayer)) return undefined

  const isUncle = (layer: number): boolean => layer > baseLayer + Math.log2(length) - 1 && layer < top
  const uncles: number[] = []
  for (let layer = baseLayer + 1; layer <= baseLayer + proofLayers; layer++)
    if (isUncle(layer)) uncles.push(layer)
  const hashes = new Uint8Array((length + uncles.length) * HASH_LENGTH)
  const pad = padHash(baseLayer)
  for (let i = 0; i < length; i++) hashes.set(find(baseLayer, index + i) ?? pad, i * HASH_LENGTH)
  uncles.forEach((layer, i) => {
    const uncle = Math.floor(index / 2 ** (layer - baseLayer)) ^ 1
    hashes.set(find(layer, uncle) ?? padHash(layer), (length + i) * HASH_LENGTH)
  })
  return hashes
}

const isPowerOfTwo = (length: number): boolean => length > 0 && Number.isInteger(Math.log2(length))

/** Undefined behind the end of the file. */
const hashAt = (layer: Uint8Array, index: number): Uint8Array | undefined => {
  const at = index * HASH_LENGTH
  return at < layer.length ? layer.subarray(at, at + HASH_LENGTH) : undefined
}
