import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { choosePieceLength } from '../../../src/operators/piece/choosePieceLength.js'

const KiB = 1024
const MiB = 1024 * KiB

describe('choosePieceLength', () => {
  it.each([
    [1, 16 * KiB],
    [2_000 * 16 * KiB, 16 * KiB],
    [2_000 * 16 * KiB + 1, 32 * KiB],
    [700 * MiB, 512 * KiB],
    [2 ** 42, 16 * MiB],
  ])('for %d bytes is %d', (length, expected) => {
    expect(choosePieceLength(length)).toBe(expected)
  })

  test.prop([fc.integer({ min: 1_000 * 32 * KiB, max: 2_000 * 16 * MiB })])(
    'gives 1 000 to 2 000 pieces',
    (length) => {
      const pieces = length / choosePieceLength(length)
      expect(pieces).toBeGreaterThanOrEqual(1_000)
      expect(pieces).toBeLessThanOrEqual(2_000)
    },
  )
})
