/** A running RC4: XORs the key stream into `bytes`, in place, and goes on from there with the next call. */
export type Rc4 = (bytes: Uint8Array) => void

/**
 * RC4 with that key, 1 to 256 bytes, after the first `discarded` bytes of its stream. As a secret it is worth little; it
 * is what MSE asks for.
 */
export const createRc4 = (key: Uint8Array, discarded = 0): Rc4 => {
  const state = new Int32Array(256)
  for (let i = 0; i < 256; i++) state[i] = i
  for (let i = 0, j = 0; i < 256; i++) {
    const a = state[i]!
    j = (j + a + key[i % key.length]!) & 255
    state[i] = state[j]!
    state[j] = a
  }
  let keptI = 0
  let keptJ = 0

  const apply: Rc4 = (bytes) => {
    let i = keptI
    let j = keptJ
    let a: number
    let b: number
    const { length } = bytes
    const ofFour = length - (length % 4)
    let at = 0
    // Four at a time: it takes two thirds of the time.
    while (at < ofFour) {
      i = (i + 1) & 255
      a = state[i]!
      j = (j + a) & 255
      b = state[j]!
      state[i] = b
      state[j] = a
      bytes[at]! ^= state[(a + b) & 255]!
      i = (i + 1) & 255
      a = state[i]!
      j = (j + a) & 255
      b = state[j]!
      state[i] = b
      state[j] = a
      bytes[at + 1]! ^= state[(a + b) & 255]!
      i = (i + 1) & 255
      a = state[i]!
      j = (j + a) & 255
      b = state[j]!
      state[i] = b
      state[j] = a
      bytes[at + 2]! ^= state[(a + b) & 255]!
      i = (i + 1) & 255
      a = state[i]!
      j = (j + a) & 255
      b = state[j]!
      state[i] = b
      state[j] = a
      bytes[at + 3]! ^= state[(a + b) & 255]!
      at += 4
    }
    for (; at < length; at++) {
      i = (i + 1) & 255
      a = state[i]!
      j = (j + a) & 255
      b = state[j]!
      state[i] = b
      state[j] = a
      bytes[at]! ^= state[(a + b) & 255]!
    }
    keptI = i
    keptJ = j
  }
  apply(new Uint8Array(discarded))
  return apply
}
