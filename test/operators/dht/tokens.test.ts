import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  createTokens,
  isRotationDue,
  isTokenOf,
  rotateTokens,
  tokenFor,
} from '../../../src/operators/dht/tokens.js'
import { anyId } from './nodes.js'

const MINUTE = 60_000
const secret = (n: number): Uint8Array => new Uint8Array(20).fill(n)
const target = new Uint8Array(20)

describe('tokens (R62)', () => {
  test.prop([anyId, anyId, fc.ipV4(), fc.ipV6()])(
    'are good for one host and one target',
    (one, other, host, host6) => {
      fc.pre(one.some((byte, i) => byte !== other[i]))
      const tokens = createTokens(secret(1), 0)
      const token = tokenFor(tokens, host, one)
      expect(isTokenOf(tokens, token, host, one)).toBe(true)
      expect(isTokenOf(tokens, token, host6, one)).toBe(false)
      expect(isTokenOf(tokens, token, host, other)).toBe(false)
      expect(isTokenOf(createTokens(secret(2), 0), token, host, one)).toBe(false)
    },
  )

  test.prop([fc.uint8Array({ maxLength: 64 })])('cannot be made up', (token) => {
    expect(isTokenOf(createTokens(secret(1), 0), token, '1.2.3.4', target)).toBe(false)
  })

  it('live for five to ten minutes', () => {
    const tokens = createTokens(secret(1), 0)
    const token = tokenFor(tokens, '1.2.3.4', target)
    expect(isRotationDue(tokens, 5 * MINUTE - 1)).toBe(false)
    expect(isRotationDue(tokens, 5 * MINUTE)).toBe(true)
    rotateTokens(tokens, secret(2), 5 * MINUTE)
    expect(isTokenOf(tokens, token, '1.2.3.4', target)).toBe(true)
    expect(tokenFor(tokens, '1.2.3.4', target)).not.toEqual(token)
    rotateTokens(tokens, secret(3), 10 * MINUTE)
    expect(isTokenOf(tokens, token, '1.2.3.4', target)).toBe(false)
  })

  it('do not outlive a sleep', () => {
    const tokens = createTokens(secret(1), 0)
    const token = tokenFor(tokens, '1.2.3.4', target)
    rotateTokens(tokens, secret(2), 10 * MINUTE)
    expect(isTokenOf(tokens, token, '1.2.3.4', target)).toBe(false)
  })
})
