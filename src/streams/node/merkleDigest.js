// @ts-check
// Plain JavaScript, as the worker that uses it.

import { createHash, hash } from 'node:crypto'

const HASH_BYTES = 32
/** BEP 52 hashes files in blocks of this size. */
const BLOCK_BYTES = 16_384

/**
 * Hashes a piece of a v2 torrent along with its bytes, to what is in `piece layers`. Whole blocks are hashed where they are.
 *
 * @param {number} pieceLength
 */
export const startMerkle = (pieceLength) => {
  /** @type {Uint8Array[]} */
  const hashes = []
  /** @type {import('node:crypto').Hash | undefined} of a block that has begun */
  let block
  let inBlock = 0

  const endBlock = () => {
    if (block !== undefined) hashes.push(block.digest())
    block = undefined
    inBlock = 0
  }

  return {
    /** @param {Uint8Array} bytes */
    update: (bytes) => {
      for (let at = 0; at < bytes.length;) {
        const length = Math.min(BLOCK_BYTES - inBlock, bytes.length - at)
        const part = bytes.subarray(at, at + length)
        at += length
        if (length === BLOCK_BYTES) {
          hashes.push(hash('sha256', part, 'buffer'))
          continue
        }
        block ??= createHash('sha256')
        block.update(part)
        inBlock += length
        if (inBlock === BLOCK_BYTES) endBlock()
      }
    },

    /** Once, at the end. */
    digest: () => {
      endBlock()
      return rootOf(hashes, Math.log2(pieceLength / BLOCK_BYTES))
    },
  }
}

/**
 * @param {ReadonlyArray<Uint8Array>} hashes
 * @param {number} height how many layers up
 * @returns {Uint8Array}
 */
const rootOf = (hashes, height) => {
  let layer = hashes
  /** @type {Uint8Array} what a subtree behind the end of the file has */
  let pad = new Uint8Array(HASH_BYTES)
  for (let up = 0; up < height; up += 1) {
    const below = layer
    const filler = pad
    layer = Array.from({ length: Math.ceil(below.length / 2) }, (_, index) =>
      above(below[2 * index] ?? filler, below[2 * index + 1] ?? filler),
    )
    pad = above(filler, filler)
  }
  return layer[0] ?? pad
}

/**
 * @param {Uint8Array} left
 * @param {Uint8Array} right
 * @returns {Uint8Array}
 */
const above = (left, right) => new Uint8Array(createHash('sha256').update(left).update(right).digest())
