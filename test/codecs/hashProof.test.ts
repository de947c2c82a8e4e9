import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { isProven, isSameRange, layerRanges } from '../../src/codecs/hashProof.js'
import { hashesIn, hashTree } from '../../src/codecs/hashTree.js'
import { MAX_HASHES_BYTES } from '../../src/codecs/limits.js'
import { merkleRoot, padHash } from '../../src/codecs/merkle.js'
import { layerOf } from '../support/pieceLayers.js'

const pieceCounts = fc.oneof(
  fc.integer({ min: 2, max: 40 }),
  fc.constantFrom(511, 512, 513, 1024, 1025, 2100),
)
const heights = fc.integer({ min: 0, max: 4 })

/** All that is asked for of a file, with the honest answer. */
const exchange = (count: number, height: number) => {
  const layer = layerOf(count)
  const root = merkleRoot(layer, padHash(height))
  const tree = hashTree(layer, height)
  const answers = layerRanges(root, height, count).map((range) => ({ range, hashes: hashesIn(tree, range) }))
  return { layer, root, answers }
}

describe('layerRanges', () => {
  test.prop([pieceCounts, heights], { numRuns: 25 })(
    'are answered, proven, and make up the layer',
    (count, height) => {
      const { layer, answers } = exchange(count, height)
      const parts = answers.map(({ range, hashes }) => {
        expect(hashes && isProven(range, hashes)).toBe(true)
        expect(hashes!.length).toBeLessThanOrEqual(MAX_HASHES_BYTES)
        return [...hashes!.subarray(0, 32 * range.length)]
      })
      expect(Uint8Array.from(parts.flat()).subarray(0, layer.length)).toEqual(layer)
    },
  )

  it('ask for as much as BEP 52 lets them', () => {
    const root = new Uint8Array(32).fill(1)
    expect(layerRanges(root, 2, 2)).toEqual([{ root, baseLayer: 2, index: 0, length: 2, proofLayers: 0 }])
    expect(layerRanges(root, 0, 600)).toEqual([
      { root, baseLayer: 0, index: 0, length: 512, proofLayers: 9 },
      { root, baseLayer: 0, index: 512, length: 512, proofLayers: 9 },
    ])
  })
})

describe('isProven', () => {
  test.prop([pieceCounts, fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 })], { numRuns: 25 })(
    'is false for one wrong bit of a hash or an uncle',
    (count, which, place, change) => {
      const { answers } = exchange(count, 0)
      const { range, hashes } = answers[which % answers.length]!
      const wrong = hashes!.slice()
      wrong[place % wrong.length]! ^= change
      expect(isProven(range, wrong)).toBe(false)
    },
  )

  test.prop([pieceCounts, fc.uint8Array({ maxLength: 2_000 })], { numRuns: 25 })(
    'is false for anything else, whatever its length',
    (count, hashes) => {
      const { answers } = exchange(count, 0)
      for (const { range } of answers) expect(isProven(range, hashes)).toBe(false)
    },
  )

  it('is false for right hashes of another place, and with an uncle too many or too few', () => {
    const { answers } = exchange(1025, 0)
    const [first, second] = answers
    expect(isProven(first!.range, second!.hashes!)).toBe(false)
    expect(isProven(second!.range, first!.hashes!)).toBe(false)
    expect(isProven(first!.range, first!.hashes!.subarray(0, -32))).toBe(false)
    expect(isProven(first!.range, Uint8Array.from([...first!.hashes!, ...new Uint8Array(32)]))).toBe(false)
  })
})

it('isSameRange tells ranges apart by all that they say', () => {
  const range = { root: new Uint8Array(32).fill(1), baseLayer: 1, index: 2, length: 2, proofLayers: 3 }
  expect(isSameRange(range, { ...range, root: range.root.slice() })).toBe(true)
  expect(isSameRange(range, { ...range, root: new Uint8Array(32) })).toBe(false)
  for (const field of ['baseLayer', 'index', 'length', 'proofLayers'] as const)
    expect(isSameRange(range, { ...range, [field]: 9 })).toBe(false)
})
