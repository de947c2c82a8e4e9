import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1, toLatin1 } from '../../../src/codecs/bytes.js'
import { decodeUtPex, encodeUtPex, PEX_FLAG } from '../../../src/codecs/wire/utPex.js'

const decode = (text: string) => decodeUtPex(fromLatin1(text))

const ipv4 = fc.record({
  host: fc.ipV4(),
  port: fc.integer({ min: 1, max: 0xffff }),
  flags: fc.nat({ max: 255 }),
})
const ipv6 = fc.record({
  host: fc.nat({ max: 0xfffe }).map((group) => `2001:db8::${(group + 1).toString(16)}`),
  port: fc.integer({ min: 1, max: 0xffff }),
  flags: fc.nat({ max: 255 }),
})

const peersOf = (count: number, flags = count): string =>
  `d5:added${String(6 * count)}:${'\x01'.repeat(6 * count)}7:added.f${String(flags)}:${'\x02'.repeat(flags)}e`

describe('decodeUtPex', () => {
  test.prop([fc.array(ipv4, { maxLength: 50 }), fc.array(ipv6, { maxLength: 50 })])(
    'undoes encodeUtPex, IPv4 before IPv6',
    (four, six) => {
      const plain = [...four, ...six].map(({ host, port }) => ({ host, port }))
      const mixed = [...six, ...four]
      expect(decodeUtPex(encodeUtPex({ added: mixed, dropped: mixed }))).toEqual(
        E.right({ added: [...four, ...six], dropped: plain }),
      )
    },
  )

  test.prop([fc.uint8Array({ maxLength: 200 })])('never throws', (bytes) => {
    expect(['Left', 'Right']).toContain(decodeUtPex(bytes)._tag)
  })

  it('takes a message without flags, or with nothing', () => {
    expect(decode('d5:added6:\x01\x02\x03\x04\x00\x05e')).toEqual(
      E.right({ added: [{ host: '1.2.3.4', port: 5, flags: 0 }], dropped: [] }),
    )
    expect(decode('de')).toEqual(E.right({ added: [], dropped: [] }))
  })

  it('leaves out port zero, and keeps the flags of the others in place', () => {
    const text = 'd5:added12:\x01\x02\x03\x04\x00\x00\x05\x06\x07\x08\x00\x097:added.f2:\x01\x10e'
    expect(decode(text)).toMatchObject(
      E.right({ added: [{ host: '5.6.7.8', port: 9, flags: PEX_FLAG.reachable }] }),
    )
  })

  it('looks at 100 peers of a list', () => {
    expect(decode(peersOf(101))).toMatchObject(E.right({ added: { length: 100 } }))
  })

  it.each([
    ['a length that is no multiple of six', 'd5:added5:12345e'],
    ['a length that is no multiple of eighteen', 'd6:added66:123456e'],
    ['dropped peers cut short', 'd7:dropped7:1234567e'],
    ['fewer flags than peers', peersOf(2, 1)],
    ['more flags than peers', peersOf(2, 3)],
    ['a list', 'le'],
    ['what is no bencode', 'd5:added'],
    ['something behind it', 'dede'],
    ['more than 16 KiB', peersOf(3_000)],
  ])('refuses %s', (_what, text) => {
    expect(E.isLeft(decode(text))).toBe(true)
  })
})

describe('encodeUtPex', () => {
  it('has the lists of IPv6 only where they hold any', () => {
    expect(toLatin1(encodeUtPex({ added: [], dropped: [] }))).toBe('d5:added0:7:added.f0:7:dropped0:e')
    const six = { host: '::1', port: 0x4142 }
    const ip = `${'\0'.repeat(15)}\x01AB`
    expect(toLatin1(encodeUtPex({ added: [{ ...six, flags: 2 }], dropped: [six] }))).toBe(
      `d5:added0:7:added.f0:6:added618:${ip}8:added6.f1:\x027:dropped0:8:dropped618:${ip}e`,
    )
  })
})
