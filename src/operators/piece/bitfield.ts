/** Bits as on the wire: the high bit of byte 0 is piece 0 (BEP 3). */
export const createBits = (count: number): Uint8Array => new Uint8Array(Math.ceil(count / 8))

export const hasBit = (bits: Uint8Array, index: number): boolean =>
  (bits[index >> 3]! & (0x80 >> (index & 7))) !== 0

export const setBit = (bits: Uint8Array, index: number): void => {
  bits[index >> 3]! |= 0x80 >> (index & 7)
}

export const clearBit = (bits: Uint8Array, index: number): void => {
  bits[index >> 3]! &= ~(0x80 >> (index & 7))
}

/** Sets the first `count` bits; the spare ones stay clear. */
export const setAllBits = (bits: Uint8Array, count: number): void => {
  bits.fill(0xff)
  const spare = bits.length * 8 - count
  if (spare > 0) bits[bits.length - 1] = (0xff << spare) & 0xff
}

export const countBits = (bits: Uint8Array): number => {
  let count = 0
  for (let i = 0; i < bits.length; i++) {
    let byte = bits[i]!
    while (byte !== 0) {
      byte &= byte - 1
      count++
    }
  }
  return count
}

/** Whether a peer's `bitfield` has the length that `count` pieces need, and no bit set past them. */
export const isBitfieldFor = (bits: Uint8Array, count: number): boolean => {
  if (bits.length !== Math.ceil(count / 8)) return false
  const spare = bits.length * 8 - count
  return spare === 0 || (bits[bits.length - 1]! & ((1 << spare) - 1)) === 0
}
