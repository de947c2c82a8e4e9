import { test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import { compareDistance, sharedPrefix } from '../../../src/operators/dht/distance.js'
import { anyId } from './nodes.js'

const number = (id: Uint8Array): bigint => BigInt(`0x${toHex(id)}`)

describe('the XOR metric (BEP 5)', () => {
  test.prop([anyId, anyId, anyId])('orders ids by their distance as numbers', (target, a, b) => {
    const [x, y] = [number(a) ^ number(target), number(b) ^ number(target)]
    expect(Math.sign(compareDistance(target, a, b))).toBe(x < y ? -1 : x > y ? 1 : 0)
    expect(compareDistance(target, a, a)).toBe(0)
    expect(compareDistance(a, a, b)).toBeLessThanOrEqual(0)
  })

  test.prop([anyId, anyId])('counts the bits in common', (a, b) => {
    const distance = number(a) ^ number(b)
    expect(sharedPrefix(a, b)).toBe(distance === 0n ? 160 : 160 - distance.toString(2).length)
    expect(sharedPrefix(a, a)).toBe(160)
  })
})
