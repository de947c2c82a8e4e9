import { isIP } from 'node:net'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { formatIp, ipScope, isGlobalUnicast, isMulticast, parseIp } from '../../src/codecs/ipAddress.js'

const anyAddress = fc.oneof(
  fc.uint8Array({ minLength: 4, maxLength: 4 }),
  fc.uint8Array({ minLength: 16, maxLength: 16 }),
  // Runs of zeros, which IPv6 text shortens.
  fc
    .array(fc.constantFrom(0, 0, 0, 1, 0xff), { minLength: 16, maxLength: 16 })
    .map((bytes) => Uint8Array.from(bytes)),
)

const text = (bytes: readonly number[]): string =>
  pipe(
    formatIp(Uint8Array.from(bytes)),
    O.getOrElse(() => ''),
  )

describe('formatIp', () => {
  test.prop([anyAddress], { numRuns: 2_000 })('is undone by parseIp', (bytes) => {
    expect(pipe(formatIp(bytes), O.chain(parseIp))).toEqual(O.some(bytes))
  })

  it.each([
    [[127, 0, 0, 1], '127.0.0.1'],
    [[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], '2001:db8::1'],
    [[0x20, 1, 0x0d, 0xb8, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1], '2001:db8:0:1:1:1:1:1'],
    [[0x20, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1], '2001:0:0:1::1'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], '::'],
    [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4], '::ffff:1.2.3.4'],
  ])('writes %j in the short form', (bytes, expected) => {
    expect(text(bytes)).toBe(expected)
  })

  it('knows only 4 and 16 bytes', () => {
    for (const length of [0, 3, 5, 15, 17]) expect(formatIp(new Uint8Array(length))).toEqual(O.none)
  })
})

describe('parseIp', () => {
  test.prop([fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{0,24}$/))], { numRuns: 5_000 })(
    'takes what the platform takes',
    (candidate) => {
      const length = { 0: undefined, 4: 4, 6: 16 }[isIP(candidate)]
      expect(O.toUndefined(parseIp(candidate))?.length).toBe(length)
    },
  )

  it.each([
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '1.2.3.256',
    '0x7f.0.0.1',
    '127.1',
    '2130706433',
    ' 1.2.3.4',
  ])('refuses %j', (candidate) => {
    expect(parseIp(candidate)).toEqual(O.none)
  })

  it.each([
    ':',
    ':::',
    '1:::2',
    '::1::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7::8',
    'fe80::1%eth0',
    '[::1]',
  ])('refuses %j', (candidate) => {
    expect(parseIp(candidate)).toEqual(O.none)
  })
})

describe('ipScope', () => {
  it.each([
    ['127.9.9.9', 'loopback'],
    ['0.0.0.0', 'loopback'],
    ['::1', 'loopback'],
    ['::', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['64:ff9b::7f00:1', 'loopback'],
    ['2002:7f00:1::', 'loopback'],
    ['172.16.0.1', 'local'],
    ['172.32.0.1', 'global'],
    ['192.168.1.1', 'local'],
    ['fe80::1', 'local'],
    ['fd00::1', 'local'],
    ['ff02::1', 'local'],
    ['2001:db8::1', 'local'],
    ['2a00:1450:4001:81b::200e', 'global'],
    ['2002:808:808::', 'global'],
    ['8.8.8.8', 'global'],
  ])('of %s is %s', (address, scope) => {
    expect(pipe(parseIp(address), O.map(ipScope))).toEqual(O.some(scope))
  })

  it('isGlobalUnicast is false for names', () => {
    expect(isGlobalUnicast('example.com')).toBe(false)
    expect(isGlobalUnicast('8.8.8.8')).toBe(true)
  })
})

describe('isMulticast', () => {
  it.each([
    ['224.0.0.1', true],
    ['239.192.152.143', true],
    ['255.255.255.255', true],
    ['ff02::1', true],
    ['::ffff:239.1.1.1', true],
    ['223.255.255.255', false],
    ['127.0.0.1', false],
    ['2001:db8::1', false],
    ['fe80::1', false],
  ])('%s: %s', (address, expected) => {
    expect(pipe(parseIp(address), O.map(isMulticast))).toEqual(O.some(expected))
  })
})
