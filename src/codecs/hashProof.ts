import { equalBytes } from './bytes.js'
import { MAX_HASH_REQUEST } from './limits.js'
import { HASH_LENGTH, merkleParent, merkleRoot, padHash } from './merkle.js'
import type { HashRange } from './wire/message.js'

/** What to ask for, to have the piece layer of a file of `pieceCount` pieces with the proof for each part of it (BEP 52). */
export const layerRanges = (
  root: Uint8Array,
  baseLayer: number,
  pieceCount: number,
): ReadonlyArray<HashRange> => {
  const layers = Math.ceil(Math.log2(pieceCount))
  const length = Math.min(MAX_HASH_REQUEST, 2 ** layers)
  return Array.from({ length: Math.ceil(pieceCount / length) }, (_, i) => ({
    root,
    baseLayer,
    index: i * length,
    length,
    proofLayers: layers - 1,
  }))
}

/**
 * Whether `hashes`, those of the range and then the uncles, lead to its root. The range is one that was asked for: a power
 * of two of hashes, two at least, with the proof up to the root.
 */
export const isProven = ({ root, index, length, proofLayers }: HashRange, hashes: Uint8Array): boolean => {
  const own = length * HASH_LENGTH
  const uncles = Math.max(0, proofLayers + 1 - Math.log2(length))
  if (hashes.length !== own + uncles * HASH_LENGTH) return false
  let hash = merkleRoot(hashes.subarray(0, own), padHash(0))
  let place = index / length
  for (let at = own; at < hashes.length; at += HASH_LENGTH) {
    const uncle = hashes.subarray(at, at + HASH_LENGTH)
    hash = place % 2 === 0 ? merkleParent(hash, uncle) : merkleParent(uncle, hash)
    place = Math.floor(place / 2)
  }
  return equalBytes(hash, root)
}

/** Whether an answer is about what was asked. */
export const isSameRange = (a: HashRange, b: HashRange): boolean =>
  a.baseLayer === b.baseLayer &&
  a.index === b.index &&
  a.length === b.length &&
  a.proofLayers === b.proofLayers &&
  equalBytes(a.root, b.root)
