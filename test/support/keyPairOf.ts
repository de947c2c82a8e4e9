import { fromHex, toHex } from '../../src/codecs/bytes.js'
import { isUsableKey, KEY_LENGTH, type KeyPair, PRIME } from '../../src/codecs/encryption/keyPair.js'

const prime = BigInt(`0x${toHex(PRIME)}`)

/** A number as a key on the wire. */
export const keyOf = (number: bigint): Uint8Array =>
  fromHex(number.toString(16).padStart(2 * KEY_LENGTH, '0'))!

/** A pair with that private key, by plain arithmetic. */
export const keyPairOf = (privateHex: string): KeyPair => {
  const exponent = BigInt(`0x${privateHex}`)
  return {
    publicKey: keyOf(power(2n, exponent)),
    secretWith: (theirs) =>
      isUsableKey(theirs) ? keyOf(power(BigInt(`0x${toHex(theirs)}`), exponent)) : undefined,
  }
}

const power = (base: bigint, exponent: bigint): bigint => {
  let result = 1n
  let square = base
  for (let left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = (result * square) % prime
    square = (square * square) % prime
  }
  return result
}
