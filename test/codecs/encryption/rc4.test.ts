import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { toHex, toUtf8 } from '../../../src/codecs/bytes.js'
import { createRc4 } from '../../../src/codecs/encryption/rc4.js'

const key = fc.uint8Array({ minLength: 1, maxLength: 256 })
const bytes = fc.uint8Array({ maxLength: 300 })

const encrypted = (secret: Uint8Array, text: Uint8Array, discarded = 0): Uint8Array => {
  const out = text.slice()
  createRc4(secret, discarded)(out)
  return out
}

describe('createRc4', () => {
  it.each([
    ['Key', 'Plaintext', 'bbf316e8d940af0ad3'],
    ['Wiki', 'pedia', '1021bf0420'],
    ['Secret', 'Attack at dawn', '45a01f645fc35b383552544b9bf5'],
  ])('is RC4: %s, %s', (secret, text, expected) => {
    expect(toHex(encrypted(toUtf8(secret), toUtf8(text)))).toBe(expected)
  })

  it('undoes itself', () => {
    fc.assert(
      fc.property(key, bytes, fc.nat(2_000), (secret, text, discarded) => {
        expect(encrypted(secret, encrypted(secret, text, discarded), discarded)).toEqual(text)
      }),
    )
  })

  it('goes on where it left off, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(key, bytes, fc.array(fc.nat(20), { minLength: 1 }), (secret, text, sizes) => {
        const cut = text.slice()
        const apply = createRc4(secret)
        let at = 0
        for (const size of sizes) {
          apply(cut.subarray(at, at + size))
          at += size
        }
        apply(cut.subarray(at))
        expect(cut).toEqual(encrypted(secret, text))
      }),
    )
  })
})
