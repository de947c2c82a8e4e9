import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  clearBit,
  countBits,
  createBits,
  hasBit,
  isBitfieldFor,
  setAllBits,
  setBit,
} from '../../../src/operators/piece/bitfield.js'
import { bitsOf, drawBits } from '../../support/bits.js'

describe('bits', () => {
  it('have the high bit of the first byte for piece 0', () => {
    expect([...bitsOf('1000000001')]).toEqual([0x80, 0x40])
  })

  test.prop([
    fc.integer({ min: 1, max: 70 }),
    fc.array(fc.tuple(fc.boolean(), fc.nat(69)), { maxLength: 80 }),
  ])('are a set of indices', (count, operations) => {
    const bits = createBits(count)
    const set = new Set<number>()
    for (const [isSet, at] of operations) {
      const index = at % count
      if (isSet) {
        setBit(bits, index)
        set.add(index)
      } else {
        clearBit(bits, index)
        set.delete(index)
      }
    }
    expect(countBits(bits)).toBe(set.size)
    for (let index = 0; index < count; index++) expect(hasBit(bits, index)).toBe(set.has(index))
    expect(isBitfieldFor(bits, count)).toBe(true)
  })

  test.prop([fc.integer({ min: 0, max: 70 })])('set all, and none of the spare ones', (count) => {
    const bits = createBits(count)
    setAllBits(bits, count)
    expect(countBits(bits)).toBe(count)
    expect(drawBits(bits, count)).toBe('1'.repeat(count))
    expect(isBitfieldFor(bits, count)).toBe(true)
  })
})

describe('isBitfieldFor', () => {
  it.each([
    ['one byte too many', [0, 0, 0], 10, false],
    ['one byte short', [0], 10, false],
    ['empty', [], 10, false],
    ['the first spare bit set', [0, 0x20], 10, false],
    ['the last spare bit set', [0, 0x01], 10, false],
    ['as it should be', [0xff, 0xc0], 10, true],
    ['no spare bits', [0xff], 8, true],
    ['no pieces', [], 0, true],
    ['no pieces, one byte', [0], 0, false],
  ])('%s', (_, bytes, count, isRight) => {
    expect(isBitfieldFor(Uint8Array.from(bytes), count)).toBe(isRight)
  })
})
