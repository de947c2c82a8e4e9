import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1, toLatin1 } from '../../../src/codecs/bytes.js'
import { decodeExtendedHandshake, encodeExtendedHandshake } from '../../../src/codecs/wire/extended.js'

const decode = (text: string) => decodeExtendedHandshake(fromLatin1(text))

const optional = <A>(arbitrary: fc.Arbitrary<A>): fc.Arbitrary<A | undefined> =>
  fc.option(arbitrary, { nil: undefined })

const anyHandshake = fc.record({
  extensions: fc
    .dictionary(fc.stringMatching(/^[a-z_]{1,12}$/), fc.nat({ max: 255 }), { maxKeys: 10 })
    .map((record) => new Map(Object.entries(record))),
  client: optional(fc.stringMatching(/^[a-z]([a-zA-Z0-9 ./µ-]{0,20}[a-z])?$/)),
  port: optional(fc.integer({ min: 1, max: 65_535 })),
  yourIp: optional(fc.ipV4()),
  requestQueue: optional(fc.integer({ min: 1, max: 2_000 })),
  metadataSize: optional(fc.integer({ min: 1, max: 2 ** 40 })),
  uploadOnly: optional(fc.boolean()),
})

describe('decodeExtendedHandshake', () => {
  test.prop([anyHandshake])('undoes encodeExtendedHandshake', (handshake) => {
    expect(decodeExtendedHandshake(encodeExtendedHandshake(handshake))).toEqual(E.right(handshake))
  })

  it.each([
    ['d4:reqqi0ee', 1],
    ['d4:reqqi-5ee', 1],
    ['d4:reqqi250ee', 250],
    ['d4:reqqi4294967296ee', 2_000],
    ['d4:reqq3:250e', undefined],
    ['de', undefined],
  ])('holds the request queue of %s within bounds', (text, requestQueue) => {
    expect(decode(text)).toMatchObject(E.right({ requestQueue }))
  })

  it('passes over what makes no sense', () => {
    const text = 'd1:md1:ai256e1:bi-1e1:c1:x1:di0e1:ei255ee13:metadata_sizei0e1:pi70000e1:vi1e6:yourip3:abce'
    expect(decode(text)).toEqual(
      E.right({
        extensions: new Map([
          ['d', 0],
          ['e', 255],
        ]),
        client: undefined,
        port: undefined,
        yourIp: undefined,
        requestQueue: undefined,
        metadataSize: undefined,
        uploadOnly: undefined,
      }),
    )
  })

  it('keeps a bounded number of extensions', () => {
    const names = Array.from({ length: 900 }, (_, i) => `3:${String(100 + i)}i1e`)
    expect(decode(`d1:md${names.join('')}ee`)).toMatchObject(E.right({ extensions: { size: 64 } }))
  })

  it('refuses more than 16 KiB', () => {
    const long = (length: number): string => `d1:v${String(length)}:${'x'.repeat(length)}e`
    expect(decode(long(16_384 - 11))).toMatchObject(E.right({ client: 'x'.repeat(64) }))
    expect(decode(long(16_384 - 9))).toMatchObject(E.left({ _tag: 'LimitExceeded' }))
  })

  it.each(['', 'le', 'i1e', 'd', 'd1:mi1e', 'l-3:e'])('refuses %j', (text) => {
    expect(E.isLeft(decode(text))).toBe(true)
  })
})

describe('encodeExtendedHandshake', () => {
  it('says no more than it is told', () => {
    expect(toLatin1(encodeExtendedHandshake({}))).toBe('d1:mdee')
    expect(toLatin1(encodeExtendedHandshake({ client: 'x', uploadOnly: true }))).toBe(
      'd1:mde11:upload_onlyi1e1:v1:xe',
    )
  })

  it('throws at a number that is none of BEP 10', () => {
    expect(() => encodeExtendedHandshake({ requestQueue: 1.5 })).toThrow(TypeError)
  })
})
