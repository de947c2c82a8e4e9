import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { equalBytes, fromHex, fromLatin1, fromUtf8, toHex, toLatin1, toUtf8 } from '../../src/codecs/bytes.js'

const bytes = fc.uint8Array({ maxLength: 200 })

describe('hexadecimal', () => {
  test.prop([bytes])('goes both ways, in either case', (input) => {
    expect(toHex(input)).toBe(Buffer.from(input).toString('hex'))
    expect(fromHex(toHex(input))).toEqual(new Uint8Array(input))
    expect(fromHex(toHex(input).toUpperCase())).toEqual(new Uint8Array(input))
  })

  it.each(['0', 'zz', ' 00', '0x00', '00\n'])('%j is none', (text) => {
    expect(fromHex(text)).toBeUndefined()
  })
})

describe('latin1', () => {
  const ascii = fc.uint8Array({ max: 0x7f, maxLength: 200 })

  test.prop([fc.oneof(bytes, ascii)])('goes both ways', (input) => {
    expect(toLatin1(input)).toBe(Buffer.from(input).toString('latin1'))
    expect(fromLatin1(toLatin1(input))).toEqual(new Uint8Array(input))
  })

  test.prop([bytes, bytes])('keeps the order of bytes', (a, b) => {
    expect(toLatin1(a) < toLatin1(b)).toBe(Buffer.compare(a, b) < 0)
  })
})

describe('UTF-8', () => {
  test.prop([fc.string({ unit: 'grapheme' })])('goes both ways', (text) => {
    expect(fromUtf8(toUtf8(text))).toBe(text)
  })

  it('marks what is not valid and keeps a byte order mark', () => {
    expect(fromUtf8(Uint8Array.of(0x61, 0xff, 0x62))).toBe('a\ufffdb')
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa')
  })
})

test.prop([bytes, bytes])('equalBytes compares all of them', (a, b) => {
  expect(equalBytes(a, a.slice())).toBe(true)
  expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
})
