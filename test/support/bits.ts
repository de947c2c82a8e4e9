import { createBits, hasBit, setBit } from '../../src/operators/piece/bitfield.js'

/** Bits from a drawing: `1` is set. */
export const bitsOf = (drawing: string): Uint8Array => {
  const bits = createBits(drawing.length)
  Array.from(drawing).forEach((bit, index) => {
    if (bit === '1') setBit(bits, index)
  })
  return bits
}

/** The drawing of the first `count` bits. */
export const drawBits = (bits: Uint8Array, count: number): string =>
  Array.from({ length: count }, (_, index) => (hasBit(bits, index) ? '1' : '0')).join('')
