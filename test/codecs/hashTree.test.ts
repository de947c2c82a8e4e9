import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { isProven } from '../../src/codecs/hashProof.js'
import { beginTree, growTree, hashesIn, hashTree, leavesIn } from '../../src/codecs/hashTree.js'
import { sha256 } from '../../src/codecs/infohash.js'
import { hashBlocks, merkleRoot, padHash } from '../../src/codecs/merkle.js'
import { payload } from '../support/storageLayout.js'
import { layerOf } from '../support/pieceLayers.js'

const hash = (layer: Uint8Array, index: number): Uint8Array => layer.slice(32 * index, 32 * index + 32)
const above = (left: Uint8Array, right: Uint8Array): Uint8Array =>
  sha256(Uint8Array.from([...left, ...right]))

describe('hashTree', () => {
  test.prop([fc.integer({ min: 1, max: 70 }), fc.integer({ min: 0, max: 3 })], { numRuns: 50 })(
    'ends in the root',
    (count, height) => {
      const layer = layerOf(count)
      expect(hashTree(layer, height).layers.at(-1)).toEqual(merkleRoot(layer, padHash(height)))
    },
  )

  test.prop(
    [
      fc.integer({ min: 1, max: 70 }),
      fc.integer({ min: 0, max: 3 }),
      fc.nat(9),
      fc.array(fc.nat(20), { maxLength: 40 }),
    ],
    { numRuns: 100 },
  )('is the same tree made piecemeal, in no more hashes', (count, height, more, stretches) => {
    const layer = layerOf(count)
    const whole = hashTree(layer, height, height + more)
    const growing = beginTree(layer, height, height + more)
    let made = 0
    for (const most of stretches) {
      const now = growTree(growing, most)
      made += now
      expect(now).toBeLessThanOrEqual(most)
      expect(growing.isWhole || now === most).toBe(true)
    }
    made += growTree(growing, Infinity)
    expect(growing).toMatchObject({ ...whole, isWhole: true })
    expect(made).toBe(whole.layers.slice(1).reduce((sum, { length }) => sum + length / 32, 0))
    expect(growTree(growing, 1)).toBe(0)
  })
})

describe('hashesIn', () => {
  const layer = layerOf(5)
  const tree = hashTree(layer, 3)
  const range = { baseLayer: 3, index: 0, length: 2, proofLayers: 0 }

  it('gives a range alone where no proof is wanted, filled up behind the end of the file', () => {
    expect(hashesIn(tree, range)).toEqual(layer.slice(0, 64))
    expect(hashesIn(tree, { ...range, index: 4 })).toEqual(
      Uint8Array.from([...hash(layer, 4), ...padHash(3)]),
    )
    expect(hashesIn(tree, { ...range, length: 8 })).toHaveLength(8 * 32)
  })

  it('gives the uncles from the range upwards', () => {
    const uncle = above(hash(layer, 2), hash(layer, 3))
    const granduncle = above(above(hash(layer, 4), padHash(3)), padHash(4))
    expect(hashesIn(tree, { ...range, proofLayers: 1 })).toEqual(
      Uint8Array.from([...layer.slice(0, 64), ...uncle]),
    )
    expect(hashesIn(tree, { ...range, proofLayers: 2 })).toEqual(
      Uint8Array.from([...layer.slice(0, 64), ...uncle, ...granduncle]),
    )
  })

  it('counts layers that the range makes needless, and leaves them out', () => {
    const granduncle = above(above(hash(layer, 4), padHash(3)), padHash(4))
    const four = { ...range, length: 4 }
    expect(hashesIn(tree, { ...four, proofLayers: 1 })).toEqual(layer.slice(0, 128))
    expect(hashesIn(tree, { ...four, proofLayers: 2 })).toEqual(
      Uint8Array.from([...layer.slice(0, 128), ...granduncle]),
    )
  })

  it('gives a higher layer too', () => {
    expect(hashesIn(tree, { ...range, baseLayer: 4 })).toEqual(tree.layers[1]!.slice(0, 64))
  })

  it.each([
    ['a layer below the pieces', { baseLayer: 2 }],
    ['a layer above the root', { baseLayer: 7 }],
    ['a layer of nowhere', { baseLayer: 2 ** 32 - 1 }],
    ['no hash', { length: 0 }],
    ['three hashes', { length: 3 }],
    ['2^31 hashes', { length: 2 ** 31 }],
    ['more than the layer', { length: 16 }],
    ['more than anybody should', { length: 1024 }],
    ['a range across others', { index: 1 }],
    ['a range outside', { index: 8 }],
    ['a range far outside', { index: 2 ** 31 }],
    ['proofs above the root', { proofLayers: 4 }],
    ['2^31 proofs', { proofLayers: 2 ** 31 }],
  ])('has nothing for %s', (_, change) => {
    expect(hashesIn(tree, { ...range, ...change })).toBeUndefined()
  })

  const uint32 = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 0xffffffff }))
  test.prop([fc.record({ baseLayer: uint32, index: uint32, length: uint32, proofLayers: uint32 })], {
    numRuns: 2_000,
  })('answers whatever is asked, within bounds', (asked) => {
    const hashes = hashesIn(tree, asked)
    if (hashes !== undefined)
      expect(hashes.length).toBeLessThanOrEqual(32 * (asked.length + asked.proofLayers))
  })
})

describe('leavesIn', () => {
  const PIECE = 65_536
  const lengths = fc.integer({ min: 1, max: 6 * PIECE })

  test.prop([lengths, fc.nat(), fc.constantFrom(1, 2, 4)], { numRuns: 40 })(
    'gives the leaves of a piece with the proof up to the root',
    (fileLength, which, length) => {
      const content = payload(fileLength)
      const leaves = hashBlocks(content)
      const whole = hashTree(leaves, 0)
      const top = whole.layers.length - 1
      const height = Math.min(top, 2)
      const above = { baseLayer: height, layers: whole.layers.slice(height) }
      const count = Math.min(length, 2 ** height)
      const index = (which % Math.ceil(leaves.length / 32 / count)) * count
      const place = Math.floor(index / 2 ** height)
      const bytes = content.subarray(place * PIECE, (place + 1) * PIECE)
      const asked = { baseLayer: 0, index, length: count, proofLayers: Math.max(0, top - 1) }
      const hashes = leavesIn(bytes, place, above, asked)
      expect(hashes).toEqual(hashesIn(whole, asked))
      const root = whole.layers[top]!
      if (count > 1) expect(hashes && isProven({ ...asked, root }, hashes)).toBe(true)
    },
  )

  it('has nothing for a range that is not in the piece', () => {
    const content = payload(3 * PIECE)
    const whole = hashTree(hashBlocks(content), 0)
    const above = { baseLayer: 2, layers: whole.layers.slice(2) }
    const asked = { baseLayer: 0, index: 4, length: 4, proofLayers: 1 }
    expect(leavesIn(content.subarray(0, PIECE), 0, above, asked)).toBeUndefined()
    expect(leavesIn(content.subarray(0, PIECE), 0, above, { ...asked, index: 0, length: 8 })).toBeUndefined()
    expect(leavesIn(content.subarray(0, PIECE), 0, above, { ...asked, index: 1 })).toBeUndefined()
  })
})
