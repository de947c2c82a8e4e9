import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { BencodeValue } from '../../src/codecs/bencode/value.js'
import { bytesField, integerField, textField } from '../../src/codecs/bencodeFields.js'
import { toUtf8 } from '../../src/codecs/bytes.js'

const dict = (value: BencodeValue) => new Map([['x', value]])

describe('fields', () => {
  it('take integers within their bounds', () => {
    expect(integerField(dict(5), 'x', 0)).toBe(5)
    expect(integerField(dict(5), 'x', 5, 5)).toBe(5)
    expect(integerField(dict(5), 'x', 6)).toBeUndefined()
    expect(integerField(dict(5), 'x', 0, 4)).toBeUndefined()
    expect(integerField(dict(toUtf8('5')), 'x', 0)).toBeUndefined()
    expect(integerField(dict(5), 'y', 0)).toBeUndefined()
  })

  it('take bytes', () => {
    expect(bytesField(dict(toUtf8('a')), 'x')).toEqual(toUtf8('a'))
    expect(bytesField(dict([]), 'x')).toBeUndefined()
  })

  it('show no control, direction or line characters of a text', () => {
    expect(textField(dict(toUtf8(' a\u001b[31m\u202eb\r\nc\u2028d\u0000')), 'x', 99)).toBe('a [31m b  c d')
    expect(textField(dict(1), 'x', 99)).toBeUndefined()
  })

  test.prop([fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 20 })])('bound texts', (bytes, max) => {
    const text = textField(dict(bytes), 'x', max) ?? ''
    expect(text.length).toBeLessThanOrEqual(max)
    expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})
