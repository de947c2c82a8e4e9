import { MAX_HASH_REQUEST } from './limits.js'
import { HASH_LENGTH, merkleParents, padHash } from './merkle.js'
import type { HashRange } from './wire/message.js'

/** A file's hash tree from its piece layer upwards (BEP 52): what requests for hashes are answered from. */
export interface HashTree {
  /** Layers below the first of `layers`. */
  readonly baseLayer: number
  /** From the piece layer to the root; what only fills up to a power of two is left out. */
  readonly layers: ReadonlyArray<Uint8Array>
}

/** The tree over a piece layer, which is `baseLayer` layers above the leaves: as many hashes to make as there are pieces. */
export const hashTree = (pieceLayer: Uint8Array, baseLayer: number): HashTree => {
  const layers = [pieceLayer]
  let layer = pieceLayer
  for (let height = baseLayer; layer.length > HASH_LENGTH; height++) {
    layer = merkleParents(layer, padHash(height))
    layers.push(layer)
  }
  return { baseLayer, layers }
}

/**
 * The hashes of a range with the uncles on the way up, or undefined where there are none to give: a layer below that of
 * the pieces, a range that lies across others or outside, more than anybody is to ask for at once.
 */
export const hashesIn = (
  { baseLayer: lowest, layers }: HashTree,
  { baseLayer, index, length, proofLayers }: Omit<HashRange, 'root'>,
): Uint8Array | undefined => {
  const from = baseLayer - lowest
  const top = layers.length - 1
  if (from < 0 || from > top || proofLayers > top - from) return undefined
  if (length > MAX_HASH_REQUEST || !isPowerOfTwo(length)) return undefined
  if (index % length !== 0 || index + length > 2 ** (top - from)) return undefined

  const isUncle = (layer: number): boolean => layer > from + Math.log2(length) - 1 && layer < top
  const uncles: number[] = []
  for (let layer = from + 1; layer <= from + proofLayers; layer++) if (isUncle(layer)) uncles.push(layer)
  const hashes = new Uint8Array((length + uncles.length) * HASH_LENGTH)
  const pad = padHash(baseLayer)
  for (let i = 0; i < length; i++) hashes.set(hashAt(layers[from]!, index + i) ?? pad, i * HASH_LENGTH)
  uncles.forEach((layer, i) => {
    const uncle = Math.floor(index / 2 ** (layer - from)) ^ 1
    hashes.set(hashAt(layers[layer]!, uncle) ?? padHash(lowest + layer), (length + i) * HASH_LENGTH)
  })
  return hashes
}

const isPowerOfTwo = (length: number): boolean => length > 0 && Number.isInteger(Math.log2(length))

/** Undefined behind the end of the file. */
const hashAt = (layer: Uint8Array, index: number): Uint8Array | undefined => {
  const at = index * HASH_LENGTH
  return at < layer.length ? layer.subarray(at, at + HASH_LENGTH) : undefined
}
