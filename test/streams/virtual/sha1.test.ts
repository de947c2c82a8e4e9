import { createHash } from 'node:crypto'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { sha1 } from '../../../src/streams/virtual/sha1.js'

const reference = (bytes: Uint8Array): string => createHash('sha1').update(bytes).digest('hex')
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

describe('sha1', () => {
  it('agrees with the vectors of FIPS 180', () => {
    const vectors = [
      ['', 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
      ['abc', 'a9993e364706816aba3e25717850c26c9cd0d89d'],
      [
        'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
        '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
      ],
      ['a'.repeat(1_000_000), '34aa973cd4c4daa4f61eeb2bdbad27316534016f'],
    ] as const
    for (const [text, digest] of vectors) expect(hex(sha1(Buffer.from(text)))).toBe(digest)
  })

  it('agrees with the platform for every length around the padding', () => {
    for (let length = 0; length < 200; length++) {
      const bytes = new Uint8Array(length).map((_, i) => (i * 31 + length) & 0xff)
      expect(hex(sha1(bytes))).toBe(reference(bytes))
    }
  })

  test.prop([fc.uint8Array({ maxLength: 5_000 }), fc.nat(40)])(
    'agrees with the platform, for a view inside a buffer too',
    (bytes, skipped) => {
      const view = bytes.subarray(skipped)
      expect(hex(sha1(view))).toBe(reference(view))
    },
  )
})
