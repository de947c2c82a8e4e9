import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { jsonLine, plainText } from '../../../src/cli/format/plainText.js'

const nasty = fc.string({ unit: 'binary' })
const steers = (text: string): boolean =>
  // eslint cannot be told otherwise: the classes are the point
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u.test(text)

describe('plainText', () => {
  it('leaves text alone', () => {
    expect(plainText('Übung 日本語 👍 می‌خواهم')).toBe('Übung 日本語 👍 می‌خواهم')
  })

  it('makes controls visible', () => {
    expect(plainText('a\u001b[2Jb\nc\u202egpj.exe\u009b')).toBe('a\\u{1b}[2Jb\\u{0a}c\\u{202e}gpj.exe\\u{9b}')
  })

  test.prop([nasty])('never lets a terminal be steered', (text) => {
    expect(steers(plainText(text))).toBe(false)
    expect(plainText(plainText(text))).toBe(plainText(text))
  })
})

describe('jsonLine', () => {
  test.prop([fc.dictionary(nasty, nasty)])('says the same, in one line that steers nothing', (value) => {
    const line = jsonLine({ value })
    expect(JSON.parse(line)).toEqual({ value: { ...value } })
    expect(steers(line)).toBe(false)
  })

  it('escapes beyond the first plane', () => {
    expect(jsonLine({ a: '\u{e0001}\u007f' })).toBe('{"a":"\\udb40\\udc01\\u007f"}')
  })
})
