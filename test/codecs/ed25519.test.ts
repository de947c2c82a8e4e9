import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/codecs/bytes.js'
import { publicKeyOf, signEd25519, verifyEd25519 } from '../../src/codecs/ed25519.js'
import { bytesOf } from './krpc/arbitraries.js'

const hex = (text: string): Uint8Array => fromHex(text) ?? new Uint8Array(0)

describe('Ed25519', () => {
  it('is that of RFC 8032 (test 2)', () => {
    const seed = hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb')
    const publicKey = publicKeyOf(seed)
    expect(toHex(publicKey)).toBe('3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c')
    const signature = signEd25519(Uint8Array.of(0x72), seed)
    expect(toHex(signature)).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
        '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    )
    expect(verifyEd25519(Uint8Array.of(0x72), signature, publicKey)).toBe(true)
  })

  test.prop([bytesOf(32), fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.nat(), fc.nat({ max: 7 })], {
    numRuns: 30,
  })('believes nothing that was changed', (seed, message, where, bit) => {
    const publicKey = publicKeyOf(seed)
    const signature = signEd25519(message, seed)
    const changed = (bytes: Uint8Array): Uint8Array => {
      const copy = bytes.slice()
      copy[where % copy.length]! ^= 1 << bit
      return copy
    }
    expect(verifyEd25519(message, signature, publicKey)).toBe(true)
    expect(verifyEd25519(changed(message), signature, publicKey)).toBe(false)
    expect(verifyEd25519(message, changed(signature), publicKey)).toBe(false)
    expect(verifyEd25519(message, signature, changed(publicKey))).toBe(false)
  })

  test.prop([fc.uint8Array({ maxLength: 70 }), fc.uint8Array({ maxLength: 40 })])(
    'answers false to noise',
    (signature, key) => {
      expect(verifyEd25519(Uint8Array.of(1), signature, key)).toBe(false)
      expect(verifyEd25519(Uint8Array.of(1), new Uint8Array(64), new Uint8Array(32).fill(255))).toBe(false)
    },
  )

  it('has seeds of 32 bytes', () => {
    expect(() => publicKeyOf(new Uint8Array(64))).toThrow(RangeError)
  })
})
