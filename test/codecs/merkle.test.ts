import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/codecs/infohash.js'
import { hashBlocks, merkleRoot, padHash, pieceHeight, pieceLayer } from '../../src/codecs/merkle.js'

const join = (hashes: ReadonlyArray<Uint8Array>): Uint8Array =>
  Uint8Array.from(hashes.flatMap((hash) => [...hash]))

/** The tree as BEP 52 puts it: leaves filled up with zeros to a power of two, then pairs. */
const naiveRoot = (leaves: ReadonlyArray<Uint8Array>): Uint8Array => {
  const width = 2 ** Math.ceil(Math.log2(leaves.length))
  const full = Array.from({ length: width }, (_, i) => leaves[i] ?? new Uint8Array(32))
  const up = (layer: ReadonlyArray<Uint8Array>): Uint8Array =>
    layer.length === 1
      ? join(layer)
      : up(Array.from({ length: layer.length / 2 }, (_, i) => sha256(join(layer.slice(2 * i, 2 * i + 2)))))
  return up(full)
}

const leaves = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { minLength: 1, maxLength: 20 })

describe('merkleRoot', () => {
  test.prop([leaves], { numRuns: 50 })('is that of the whole tree', (hashes) => {
    expect(merkleRoot(join(hashes), padHash(0))).toEqual(naiveRoot(hashes))
  })

  test.prop([leaves, fc.integer({ min: 0, max: 3 })], { numRuns: 50 })(
    'is the same over the piece layer',
    (hashes, height) => {
      const pieceLength = 16_384 * 2 ** height
      const layer = pieceLayer(join(hashes), pieceLength)
      expect(layer).toHaveLength(32 * Math.ceil(hashes.length / 2 ** height))
      // Of a file not longer than a piece, the layer is the root of a tree as wide as a piece.
      if (hashes.length > 2 ** height) {
        expect(merkleRoot(layer, padHash(pieceHeight(pieceLength)))).toEqual(naiveRoot(hashes))
      }
    },
  )

  it('does not hand out its input', () => {
    const hash = new Uint8Array(32)
    expect(merkleRoot(hash, padHash(0)).buffer).not.toBe(hash.buffer)
  })
})

it('padHash is the root over zeros', () => {
  expect(padHash(3)).toEqual(naiveRoot(Array.from({ length: 8 }, () => new Uint8Array(32))))
})

it('hashBlocks hashes the last block as short as it is', () => {
  const bytes = new Uint8Array(16_384 + 5).fill(7)
  expect(hashBlocks(bytes)).toEqual(join([sha256(bytes.subarray(0, 16_384)), sha256(bytes.subarray(16_384))]))
  expect(hashBlocks(new Uint8Array(0))).toHaveLength(0)
})
