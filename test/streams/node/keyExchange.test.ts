import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import { isUsableKey, KEY_LENGTH, PRIME } from '../../../src/codecs/encryption/keyPair.js'
import { nodeKeyExchange } from '../../../src/streams/node/keyExchange.js'
import { keyOf, keyPairOf } from '../../support/keyPairOf.js'

const { newKeyPair, random } = nodeKeyExchange
const prime = BigInt(`0x${toHex(PRIME)}`)

describe('nodeKeyExchange', () => {
  it('comes to the same secret on both sides, whoever has been asked meanwhile', () => {
    const [near, far] = [newKeyPair(), newKeyPair()]
    const other = keyPairOf('d0460a0b00564380e0f645f7739c718d5b410cac')
    expect(near.secretWith(far.publicKey)).toEqual(far.secretWith(near.publicKey))
    expect(near.secretWith(other.publicKey)).toEqual(other.secretWith(near.publicKey))
  })

  it('gives keys and secrets of 96 bytes, also those that begin with zeros', () => {
    const other = keyPairOf('0123456789abcdef0123456789abcdef01234567')
    let short = 0
    // One in 256 is short: that none of so many is, does not happen.
    for (let i = 0; i < 10_000 && short < 2; i++) {
      const pair = newKeyPair()
      expect(pair.publicKey).toHaveLength(KEY_LENGTH)
      expect(isUsableKey(pair.publicKey)).toBe(true)
      if (pair.publicKey[0] !== 0) continue
      short++
      const secret = pair.secretWith(other.publicKey)
      expect(secret).toHaveLength(KEY_LENGTH)
      expect(secret).toEqual(other.secretWith(pair.publicKey))
    }
    expect(short).toBeGreaterThan(0)
  })

  it.each([0n, 1n, prime - 1n, prime, prime + 1n])('tells no secret for the key %s', (key) => {
    expect(newKeyPair().secretWith(keyOf(key))).toBeUndefined()
  })

  it('pads with chance', () => {
    expect(random.bytes(16)).not.toEqual(random.bytes(16))
  })
})
