import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { BencodeOptions } from '../../../src/codecs/bencode.js'
import { decodeBencode, encodeBencode, isBencodeList, isBencodeString } from '../../../src/codecs/bencode.js'
import { fromLatin1, toUtf8 } from '../../../src/codecs/bytes.js'
import { showDecodeError } from '../../../src/codecs/errors.js'
import { bencodeLike, bencodeValue } from './arbitraries.js'

const decode = (text: string, options?: BencodeOptions): ReturnType<typeof decodeBencode> =>
  decodeBencode(fromLatin1(text), options)

const valueOf = (text: string): unknown => {
  const decoded = decode(text)
  if (E.isLeft(decoded)) throw new Error(showDecodeError(decoded.left))
  return decoded.right.value
}

describe('decodeBencode', () => {
  it.each([
    ['i0e', 0],
    ['i-1e', -1],
    ['i9007199254740991e', Number.MAX_SAFE_INTEGER],
    ['i-9007199254740991e', Number.MIN_SAFE_INTEGER],
    ['0:', toUtf8('')],
    ['3:abc', toUtf8('abc')],
    ['le', []],
    ['li1e1:al0:ee', [1, toUtf8('a'), [toUtf8('')]]],
    ['de', new Map()],
    [
      'd1:ai1e1:bdee',
      new Map<string, unknown>([
        ['a', 1],
        ['b', new Map()],
      ]),
    ],
    ['d1:\xffi1ee', new Map([['\xff', 1]])],
  ])('reads %s', (text, value) => {
    expect(valueOf(text)).toEqual(value)
  })

  it.each([
    ['', 'unexpected-end', 0, ''],
    ['i', 'unexpected-end', 1, ''],
    ['i12', 'unexpected-end', 3, ''],
    ['ie', 'non-canonical-integer', 1, ''],
    ['i-e', 'non-canonical-integer', 2, ''],
    ['i-0e', 'non-canonical-integer', 0, ''],
    ['i007e', 'non-canonical-integer', 1, ''],
    ['i-07e', 'non-canonical-integer', 2, ''],
    ['i+1e', 'unexpected-byte', 1, ''],
    ['i1.5e', 'unexpected-byte', 2, ''],
    ['i9007199254740992e', 'integer-out-of-range', 0, ''],
    [`i${'9'.repeat(300)}e`, 'integer-out-of-range', 1, ''],
    ['e', 'unexpected-byte', 0, ''],
    ['x', 'unexpected-byte', 0, ''],
    ['-1:a', 'unexpected-byte', 0, ''],
    ['l-3:e', 'unexpected-byte', 1, '[0]'],
    ['5:abcd', 'unexpected-end', 0, ''],
    ['5', 'unexpected-end', 1, ''],
    ['1.9:ab', 'unexpected-byte', 1, ''],
    ['05:hello', 'non-canonical-length', 0, ''],
    [`${'1'.repeat(30)}:a`, 'unexpected-end', 0, ''],
    ['9007199254740993:a', 'unexpected-end', 0, ''],
    ['l1:a', 'unexpected-end', 4, '[1]'],
    ['d', 'unexpected-end', 1, ''],
    ['d1:a', 'unexpected-end', 4, 'a'],
    ['di1ei2ee', 'key-not-a-string', 1, ''],
    ['dle1:ae', 'key-not-a-string', 1, ''],
    ['d1:ae', 'missing-value', 4, 'a'],
    ['d1:ai1e1:ai2ee', 'duplicate-key', 7, ''],
    ['d1:bi1e1:ai1e1:bi2ee', 'duplicate-key', 13, ''],
    ['d4:infod4:infoi1e4:infoi2eee', 'duplicate-key', 17, 'info'],
    ['i1eX', 'trailing-bytes', 3, ''],
    ['leee', 'trailing-bytes', 2, ''],
    ['d4:infod5:filesld6:lengthi-0eeeee', 'non-canonical-integer', 25, 'info.files[0].length'],
  ])('refuses %s: %s at byte %s', (text, reason, offset, path) => {
    expect(decode(text)).toEqual(E.left({ _tag: 'BencodeError', reason, offset, path }))
  })

  it('says whether keys are in byte order', () => {
    const flag = (text: string): unknown =>
      E.map(({ isCanonical }: { isCanonical: boolean }) => isCanonical)(decode(text))
    expect(flag('d1:ai1e1:bi1ee')).toEqual(E.right(true))
    expect(flag('d1:bi1e1:ai1ee')).toEqual(E.right(false))
    expect(flag('ld2:aai1e1:ai1eee')).toEqual(E.right(false))
    expect(flag('d1:\xffi1e2:\xff\x00i1ee')).toEqual(E.right(true))
  })

  it('takes the first value and tells where it ends, if asked', () => {
    expect(decode('d1:ai1eeXYZ', { allowTrailing: true })).toEqual(
      E.right({ value: new Map([['a', 1]]), end: 8, isCanonical: true }),
    )
  })

  it('holds to its limits', () => {
    const limited = (text: string, options?: BencodeOptions): string => {
      const decoded = decode(text, options)
      if (E.isRight(decoded)) return 'fine'
      return decoded.left._tag === 'LimitExceeded' ? decoded.left.limit : decoded.left._tag
    }
    expect(limited('l'.repeat(100) + 'e'.repeat(100))).toBe('fine')
    expect(limited('l'.repeat(101) + 'e'.repeat(101))).toBe('depth')
    expect(limited('l'.repeat(1_000_000))).toBe('depth')
    expect(limited('l0:0:e', { maxTokens: 3 })).toBe('fine')
    expect(limited('l0:0:0:e', { maxTokens: 3 })).toBe('tokens')
    expect(limited('ldedee', { maxTokens: 9 })).toBe('fine')
    expect(limited('ldedee', { maxTokens: 8 })).toBe('tokens')
    expect(limited('5:abcde', { maxBytes: 7 })).toBe('fine')
    expect(limited('5:abcde', { maxBytes: 6 })).toBe('size')
  })

  it('does not recurse', () => {
    const depth = 200_000
    const text = 'l'.repeat(depth) + 'e'.repeat(depth)
    expect(decode(text, { maxDepth: depth })._tag).toBe('Right')
  })

  it('gives views of the input, also of a Buffer', () => {
    const buffer = Buffer.from('xl4:spame', 'latin1').subarray(1)
    const decoded = decodeBencode(buffer)
    const spam = E.isRight(decoded) && isBencodeList(decoded.right.value) ? decoded.right.value[0] : undefined
    expect(spam).toEqual(toUtf8('spam'))
    expect(isBencodeString(spam) && spam.buffer).toBe(buffer.buffer)
  })

  it('lets no key touch a prototype', () => {
    const value = valueOf('d9:__proto__d5:filesi1ee11:constructori2e4:theni3ee')
    expect(value).toBeInstanceOf(Map)
    expect(Object.getPrototypeOf(value)).toBe(Map.prototype)
    expect([...(value as Map<string, unknown>).keys()]).toEqual(['__proto__', 'constructor', 'then'])
  })

  test.prop([bencodeValue])('gives back what was encoded', (value) => {
    const encoded = encodeBencode(value)
    if (E.isLeft(encoded)) throw new Error(encoded.left.reason)
    expect(decodeBencode(encoded.right)).toEqual(
      E.right({ value, end: encoded.right.length, isCanonical: true }),
    )
  })

  test.prop([bencodeLike], { numRuns: 2_000 })(
    'never throws; what it calls canonical encodes to itself',
    (input) => {
      const decoded = decodeBencode(input)
      if (E.isLeft(decoded)) {
        expect(decoded.left.offset).toBeGreaterThanOrEqual(0)
        expect(decoded.left.offset).toBeLessThanOrEqual(input.length)
      } else if (decoded.right.isCanonical) {
        expect(encodeBencode(decoded.right.value)).toEqual(E.right(new Uint8Array(input)))
      }
    },
  )

  test.prop([bencodeValue])('refuses every prefix', (value) => {
    const encoded = encodeBencode([value])
    if (E.isLeft(encoded)) throw new Error(encoded.left.reason)
    for (let end = 0; end < encoded.right.length; end++) {
      expect(decodeBencode(encoded.right.subarray(0, end))._tag).toBe('Left')
    }
  })

  test.prop([fc.string({ minLength: 12, maxLength: 40, unit: fc.constantFrom('X', 'Y', 'Z') })])(
    'never repeats the input in an error',
    (secret) => {
      const text = `d${String(secret.length)}:${secret}d${String(secret.length)}:${secret}i-0eee`
      const error = decode(text)
      expect(E.isLeft(error) && showDecodeError(error.left)).toBe(
        'not valid bencode: non canonical integer at *.* (byte ' + String(text.length - 6) + ')',
      )
    },
  )
})
