import { sha256 } from './infohash.js'

/** BEP 52 hashes files in blocks of this size, whatever the piece length. */
export const MERKLE_BLOCK_LENGTH = 16_384
/** Bytes of a hash: SHA-256. */
export const HASH_LENGTH = 32

/** SHA-256 of each 16 KiB block, the last one as short as it is, one after the other. */
export const hashBlocks = (bytes: Uint8Array): Uint8Array => {
  const count = Math.ceil(bytes.length / MERKLE_BLOCK_LENGTH)
  const hashes = new Uint8Array(count * HASH_LENGTH)
  for (let i = 0; i < count; i++) {
    const block = bytes.subarray(i * MERKLE_BLOCK_LENGTH, (i + 1) * MERKLE_BLOCK_LENGTH)
    hashes.set(sha256(block), i * HASH_LENGTH)
  }
  return hashes
}

/**
 * Root over one layer of a file's tree: `hashes` (at least one) filled up to a power of two with `pad`, the hash that a
 * subtree without any data has at that layer (`padHash`). 32 bytes.
 */
export const merkleRoot = (hashes: Uint8Array, pad: Uint8Array): Uint8Array => {
  let [layer, filler] = [hashes, pad]
  while (layer.length > HASH_LENGTH) {
    layer = merkleParents(layer, filler)
    filler = merkleParent(filler, filler)
  }
  return layer.slice()
}

/** Hash of a subtree of `2^height` blocks behind the end of the file: height 0 is a leaf of 32 zero bytes. */
export const padHash = (height: number): Uint8Array => {
  let hash: Uint8Array = new Uint8Array(HASH_LENGTH)
  for (let i = 0; i < height; i++) hash = merkleParent(hash, hash)
  return hash
}

/** Layers between the blocks and the pieces; 0 where a piece is one block. */
export const pieceHeight = (pieceLength: number): number => Math.log2(pieceLength / MERKLE_BLOCK_LENGTH)

/** The layer that has one hash a piece (`piece layers`), from the block hashes of a file longer than a piece. */
export const pieceLayer = (blockHashes: Uint8Array, pieceLength: number): Uint8Array => {
  let layer = blockHashes
  let filler: Uint8Array = new Uint8Array(HASH_LENGTH)
  for (let i = pieceHeight(pieceLength); i > 0; i--) {
    layer = merkleParents(layer, filler)
    filler = merkleParent(filler, filler)
  }
  return layer
}

/** The hash of one piece in its file's `piece layers`: that of a shorter one as if nothing but padding followed. */
export const pieceRoot = (piece: Uint8Array, pieceLength: number): Uint8Array =>
  pieceLayer(hashBlocks(piece), pieceLength)

/** The layer above one; the last hash without a neighbour gets `filler` for one. */
export const merkleParents = (layer: Uint8Array, filler: Uint8Array): Uint8Array => {
  const above = emptyAbove(layer)
  fillParents(layer, filler, above, 0, above.length / HASH_LENGTH)
  return above
}

/** Room for the layer above one. */
export const emptyAbove = (layer: Uint8Array): Uint8Array =>
  new Uint8Array(Math.ceil(layer.length / (2 * HASH_LENGTH)) * HASH_LENGTH)

/** Makes the hashes `from … end - 1` of the layer above one, in their places. */
export const fillParents = (
  layer: Uint8Array,
  filler: Uint8Array,
  above: Uint8Array,
  from: number,
  end: number,
): void => {
  for (let i = from; i < end; i++) {
    const pair = layer.subarray(2 * i * HASH_LENGTH, 2 * (i + 1) * HASH_LENGTH)
    const isWhole = pair.length === 2 * HASH_LENGTH
    above.set(isWhole ? sha256(pair) : merkleParent(pair, filler), i * HASH_LENGTH)
  }
}

/** The hash above two. */
export const merkleParent = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  const pair = new Uint8Array(2 * HASH_LENGTH)
  pair.set(left)
  pair.set(right, HASH_LENGTH)
  return sha256(pair)
}
