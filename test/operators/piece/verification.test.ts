import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { sha1Verification } from '../../../src/operators/piece/verification.js'

const sha1 = (text: string): Uint8Array => new Uint8Array(createHash('sha1').update(text).digest())

describe('sha1Verification', () => {
  const verification = sha1Verification(Uint8Array.from([...sha1('a'), ...sha1('b')]))

  it('takes the digest of the piece', () => {
    expect(verification.isRight(0, sha1('a'))).toBe(true)
    expect(verification.isRight(1, sha1('b'))).toBe(true)
  })

  it("refuses another piece's digest, and one that differs in any byte", () => {
    expect(verification.isRight(0, sha1('b'))).toBe(false)
    for (let at = 0; at < 20; at++) {
      const digest = sha1('a')
      digest[at]! ^= 1
      expect(verification.isRight(0, digest)).toBe(false)
    }
  })

  it('refuses what is no digest: nothing, too little, a piece that is not there', () => {
    expect(verification.isRight(0, new Uint8Array(0))).toBe(false)
    expect(verification.isRight(0, sha1('a').subarray(0, 19))).toBe(false)
    expect(verification.isRight(2, sha1('a'))).toBe(false)
  })
})
