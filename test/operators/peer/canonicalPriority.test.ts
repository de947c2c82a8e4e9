import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { canonicalPriority } from '../../../src/operators/peer/canonicalPriority.js'

const priority = (a: string, b: string, portA = 1, portB = 2): number | undefined =>
  O.toUndefined(canonicalPriority({ host: a, port: portA }, { host: b, port: portB }))

const ones = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'
const address = fc.record({
  host: fc.oneof(fc.ipV4(), fc.ipV6()),
  port: fc.nat(0xffff),
})

describe('canonicalPriority', () => {
  it.each([
    ['98.76.54.32', 0xec2d_7224],
    ['123.213.32.234', 0x9956_8189],
  ])('of 123.213.32.10 and %s is that of BEP 40', (host, expected) => {
    expect(priority('123.213.32.10', host)).toBe(expected)
  })

  it.each([
    ['ffff:0fff:ffff:ffff:ffff:ffff:ffff:ffff', 0x59d7_1f38],
    ['ffff:ffff:0fff:ffff:ffff:ffff:ffff:ffff', 0x081d_5282],
    ['ffff:ffff:ff0f:ffff:ffff:ffff:ffff:ffff', 0xc5f9_72be],
    ['ffff:ffff:ffff:0fff:ffff:ffff:ffff:ffff', 0x9ff5_0bd0],
  ])('over IPv6 with %s is that of libtorrent', (host, expected) => {
    expect(priority(ones, host)).toBe(expected)
  })

  it('goes by the ports where the addresses are the same', () => {
    expect(priority('1.2.3.4', '1.2.3.4', 80, 443)).toBe(priority('9.9.9.9', '9.9.9.9', 443, 80))
    expect(priority('1.2.3.4', '1.2.3.4', 80, 443)).not.toBe(priority('1.2.3.4', '1.2.3.4', 80, 444))
  })

  it('is none for a name and for two families', () => {
    expect(priority('1.2.3.4', 'example.test')).toBeUndefined()
    expect(priority('a.test', 'a.test')).toBeUndefined()
    expect(priority('1.2.3.4', '::1')).toBeUndefined()
  })

  test.prop([address, address])('is the same from both ends, and in range', (a, b) => {
    const one = O.toUndefined(canonicalPriority(a, b))
    expect(O.toUndefined(canonicalPriority(b, a))).toBe(one)
    if (one === undefined) return
    expect(Number.isInteger(one)).toBe(true)
    expect(one).toBeGreaterThanOrEqual(0)
    expect(one).toBeLessThan(2 ** 32)
  })
})
