import { fc, test } from '@fast-check/vitest'
import npmBencode from 'bencode'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { BencodeInput } from '../../../src/codecs/bencode.js'
import { encodeBencode, rawBencode } from '../../../src/codecs/bencode.js'
import { fromUtf8, toLatin1, toUtf8 } from '../../../src/codecs/bytes.js'
import { bytes } from './arbitraries.js'

const encode = (value: BencodeInput): unknown => E.map(toLatin1)(encodeBencode(value))

/** Values that npm `bencode` encodes rightly: keys of ASCII letters, no bigint, no fraction. */
const simpleValue = fc.letrec<{ value: BencodeInput }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.maxSafeInteger(),
    bytes(),
    fc.string({ unit: 'grapheme' }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc
      .array(fc.tuple(fc.string({ unit: fc.constantFrom('a', 'b', 'z', 'A', ' ', '-') }), tie('value')), {
        maxLength: 5,
      })
      .map((entries) => new Map(entries)),
  ),
})).value

describe('encodeBencode', () => {
  it.each<readonly [BencodeInput, string]>([
    [0, 'i0e'],
    [-0, 'i0e'],
    [-42, 'i-42e'],
    [2n ** 64n, 'i18446744073709551616e'],
    ['', '0:'],
    ['é', '2:\xc3\xa9'],
    [Uint8Array.of(255, 0), '2:\xff\x00'],
    [[], 'le'],
    [[1, ['a']], 'li1el1:aee'],
    [
      new Map<string, BencodeInput>([
        ['b', 1],
        ['a', 2],
        ['aa', 3],
      ]),
      'd1:ai2e2:aai3e1:bi1ee',
    ],
    [
      new Map([
        ['\xff', 1],
        ['\x00', 2],
        ['~', 3],
      ]),
      'd1:\x00i2e1:~i3e1:\xffi1ee',
    ],
    [new Map([['info', rawBencode(toUtf8('d1:zi1e1:ai2ee'))]]), 'd4:infod1:zi1e1:ai2eee'],
  ])('writes %o', (value, text) => {
    expect(encode(value)).toEqual(E.right(text))
  })

  it.each<readonly [BencodeInput, string]>([
    [1.5, 'not-an-integer'],
    [NaN, 'not-an-integer'],
    [Infinity, 'not-an-integer'],
    [2 ** 53, 'integer-out-of-range'],
    [[[new Map([['€', 1]])]], 'key-not-a-byte-string'],
  ])('refuses %o: %s', (value, reason) => {
    expect(encode(value)).toEqual(E.left({ _tag: 'EncodeError', reason }))
  })

  test.prop([simpleValue])('is npm bencode where that is right', (value) => {
    expect(encode(value)).toEqual(E.right(toLatin1(npmBencode.encode(value))))
  })

  test.prop([fc.string({ unit: 'grapheme' })])('writes text as UTF-8', (text) => {
    const encoded = encodeBencode(text)
    const length = toUtf8(text).length
    expect(E.map(fromUtf8)(encoded)).toEqual(E.right(`${String(length)}:${text}`))
  })
})
