import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromHex, toHex } from '../../../src/codecs/bytes.js'
import {
  decodeUtHolepunch,
  encodeUtHolepunch,
  HOLEPUNCH_ERRORS,
  type UtHolepunch,
} from '../../../src/codecs/wire/utHolepunch.js'

const address = fc.record({
  host: fc.oneof(
    fc.ipV4(),
    fc.nat({ max: 0xfffe }).map((group) => `2001:db8::${(group + 1).toString(16)}`),
  ),
  port: fc.nat({ max: 0xffff }),
})
const message: fc.Arbitrary<UtHolepunch> = fc.oneof(
  fc.record({ _tag: fc.constantFrom('Rendezvous' as const, 'Connect' as const), address }),
  fc.record({ _tag: fc.constant('Error' as const), address, error: fc.constantFrom(...HOLEPUNCH_ERRORS) }),
)

const decode = (hex: string) => decodeUtHolepunch(fromHex(hex) ?? new Uint8Array(0))

describe('decodeUtHolepunch', () => {
  test.prop([message])('undoes encodeUtHolepunch', (given) => {
    expect(decodeUtHolepunch(encodeUtHolepunch(given))).toEqual(E.right(given))
  })

  test.prop([fc.uint8Array({ maxLength: 30 })])('never throws', (bytes) => {
    expect(['Left', 'Right']).toContain(decodeUtHolepunch(bytes)._tag)
  })

  it('takes a message without an error code', () => {
    expect(decode('0000010203041ae1')).toEqual(
      E.right({ _tag: 'Rendezvous', address: { host: '1.2.3.4', port: 6_881 } }),
    )
  })

  it.each([
    ['nothing', ''],
    ['another type', '0300010203041ae100000000'],
    ['another family', '0002010203041ae100000000'],
    ['an address cut short', '000001020304'],
    ['an error without its code', '0200010203041ae1'],
    ['an error of no such code', '0200010203041ae100000005'],
    ['an error of code zero', '0200010203041ae100000000'],
    ['too much', '0000010203041ae10000000000'],
  ])('refuses %s', (_what, hex) => {
    expect(E.isLeft(decode(hex))).toBe(true)
  })
})

describe('encodeUtHolepunch', () => {
  it('writes an error code in every message', () => {
    const peer = { host: '1.2.3.4', port: 6_881 }
    expect(toHex(encodeUtHolepunch({ _tag: 'Connect', address: peer }))).toBe('0100010203041ae100000000')
    expect(toHex(encodeUtHolepunch({ _tag: 'Error', address: peer, error: 'NoSupport' }))).toBe(
      '0200010203041ae100000003',
    )
  })

  it('throws at a host name', () => {
    const named = { host: 'peer.example', port: 1 }
    expect(() => encodeUtHolepunch({ _tag: 'Connect', address: named })).toThrow(TypeError)
  })
})
