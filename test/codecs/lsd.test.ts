import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1, toHex, toLatin1 } from '../../src/codecs/bytes.js'
import { MAX_LSD_BYTES, MAX_LSD_SENT_BYTES } from '../../src/codecs/limits.js'
import { decodeLsd, encodeLsd, LSD_INFOHASHES_PER_DATAGRAM, type LsdAnnounce } from '../../src/codecs/lsd.js'

const anyInfohash = fc.uint8Array({ minLength: 20, maxLength: 20 })
const anyAnnounce: fc.Arbitrary<LsdAnnounce> = fc.record({
  port: fc.integer({ min: 1, max: 65_535 }),
  infohashes: fc.array(anyInfohash, { minLength: 1, maxLength: LSD_INFOHASHES_PER_DATAGRAM }),
  cookie: fc.option(fc.stringMatching(/^[a-z0-9]{1,16}$/), { nil: undefined }),
})

const hash = 'aa'.repeat(20)
const decode = (text: string): ReturnType<typeof decodeLsd> => decodeLsd(fromLatin1(text))
const datagram = (...lines: ReadonlyArray<string>): string =>
  ['BT-SEARCH * HTTP/1.1', ...lines, '', ''].join('\r\n')

describe('encodeLsd', () => {
  it('writes what BEP 14 shows', () => {
    const infohash = new Uint8Array(20).fill(0xab)
    expect(toLatin1(encodeLsd({ port: 6_881, infohashes: [infohash], cookie: 'me' }, 6))).toBe(
      'BT-SEARCH * HTTP/1.1\r\nHost: [ff15::efc0:988f]:6771\r\nPort: 6881\r\n' +
        `Infohash: ${toHex(infohash)}\r\ncookie: me\r\n\r\n\r\n`,
    )
  })

  test.prop([anyAnnounce, fc.constantFrom(4 as const, 6 as const)])(
    'is undone by decodeLsd',
    (announce, family) => {
      const bytes = encodeLsd(announce, family)
      expect(decodeLsd(bytes)).toEqual(E.right(announce))
      expect(bytes.length).toBeLessThanOrEqual(MAX_LSD_SENT_BYTES)
    },
  )
})

describe('decodeLsd', () => {
  it('takes what other clients write', () => {
    const texts = [
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 51413\r\nInfohash: ${hash}\r\n\r\n\r\n`,
      `BT-SEARCH * HTTP/1.0\nPORT:51413\ninfohash:  ${hash.toUpperCase()}  \nX-Other: 1`,
      datagram(`Infohash: ${hash}`, 'Port: 51413', 'Host: [ff15::efc0:988f]:6771') + 'and what follows',
    ]
    for (const text of texts) {
      expect(decode(text)).toEqual(
        E.right({ port: 51_413, infohashes: [new Uint8Array(20).fill(0xaa)], cookie: undefined }),
      )
    }
  })

  it.each([
    ['nothing', ''],
    ['another method', `NOTIFY * HTTP/1.1\r\nPort: 1\r\nInfohash: ${hash}\r\n\r\n`],
    ['another protocol', `BT-SEARCH * HTTP/2.0\r\nPort: 1\r\nInfohash: ${hash}\r\n\r\n`],
    ['no port', datagram(`Infohash: ${hash}`)],
    ['port zero', datagram('Port: 0', `Infohash: ${hash}`)],
    ['a port with a zero before it', datagram('Port: 080', `Infohash: ${hash}`)],
    ['a port that is none', datagram('Port: 65536', `Infohash: ${hash}`)],
    ['a negative port', datagram('Port: -1', `Infohash: ${hash}`)],
    ['a port in another notation', datagram('Port: 1e3', `Infohash: ${hash}`)],
    ['two ports', datagram('Port: 1', 'Port: 2', `Infohash: ${hash}`)],
    ['no infohash', datagram('Port: 1')],
    ['a short infohash', datagram('Port: 1', `Infohash: ${hash.slice(2)}`)],
    ['a long infohash', datagram('Port: 1', `Infohash: ${hash}aa`)],
    ['an infohash of other digits', datagram('Port: 1', `Infohash: ${'zz'.repeat(20)}`)],
    ['a bad infohash behind a good one', datagram('Port: 1', `Infohash: ${hash}`, 'Infohash: 1')],
    ['two cookies', datagram('Port: 1', `Infohash: ${hash}`, 'cookie: a', 'cookie: b')],
    ['a control character', datagram('Port: 1', `Infohash: ${hash}`, 'cookie: a\u0000b')],
    ['what is no ASCII', datagram('Port: 1', `Infohash: ${hash}`, 'cookie: \u00e4')],
    ['a bare CR', datagram('Port: 1', `Infohash: ${hash}`, 'cookie: a\rInfohash: b')],
    ['a header without a name', datagram('Port: 1', `Infohash: ${hash}`, ': b')],
    ['a line that is no header', datagram('Port: 1', `Infohash: ${hash}`, 'hello')],
    ['a folded line', datagram('Port: 1', `Infohash: ${hash}`, ' folded: 1')],
    ['a hundred lines', datagram('Port: 1', ...Array<string>(100).fill('a: b'), `Infohash: ${hash}`)],
  ])('refuses %s', (_, text) => {
    expect(E.isLeft(decode(text))).toBe(true)
  })

  it('refuses what is longer than a packet', () => {
    const text = datagram('Port: 1', `Infohash: ${hash}`).padEnd(MAX_LSD_BYTES, 'x')
    expect(E.isRight(decode(text))).toBe(true)
    expect(decode(`${text}x`)).toMatchObject({ left: { _tag: 'LimitExceeded' } })
  })

  test.prop([fc.uint8Array({ maxLength: 2_000 })])('never throws', (bytes) => {
    expect(E.isLeft(decodeLsd(bytes))).toBe(true)
  })

  test.prop([anyAnnounce, fc.nat(1_400), fc.nat(255)])(
    'survives a byte changed anywhere',
    (announce, at, byte) => {
      const bytes = encodeLsd(announce, 4)
      bytes[at % bytes.length] = byte
      const decoded = decodeLsd(bytes)
      if (E.isLeft(decoded)) return
      expect(decoded.right.port).toBeGreaterThan(0)
      expect(decoded.right.infohashes.every(({ length }) => length === 20)).toBe(true)
    },
  )
})
