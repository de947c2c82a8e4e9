import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { BencodePath, BencodeValue } from '../../../src/codecs/bencode.js'
import { decodeBencode, encodeBencode, spanAt } from '../../../src/codecs/bencode.js'
import { fromLatin1 } from '../../../src/codecs/bytes.js'
import { bencodeValue } from './arbitraries.js'

const textAt = (text: string, path: BencodePath): string | undefined => {
  const span = spanAt(fromLatin1(text), path)
  return span === undefined ? undefined : text.slice(span.start, span.end)
}

/** Every path in a value, with what is there. */
const places = (
  value: BencodeValue,
  path: BencodePath = [],
): ReadonlyArray<readonly [BencodePath, BencodeValue]> => {
  const children = value instanceof Map || Array.isArray(value) ? [...value.entries()] : []
  return [
    [path, value],
    ...children.flatMap(([step, child]: readonly [string | number, BencodeValue]) =>
      places(child, [...path, step]),
    ),
  ]
}

describe('spanAt', () => {
  const text = 'd4:infod5:filesld6:lengthi5eeli7eee4:name1:xe3:zzzlee'

  it.each<readonly [BencodePath, string | undefined]>([
    [[], text],
    [['info'], 'd5:filesld6:lengthi5eeli7eee4:name1:xe'],
    [['info', 'files', 0, 'length'], 'i5e'],
    [['info', 'files', 1], 'li7ee'],
    [['info', 'name'], '1:x'],
    [['zzz'], 'le'],
    [['zzz', 0], undefined],
    [['info', 'files', 2], undefined],
    [['nfo'], undefined],
    [[0], undefined],
    [['info', 'name', 'x'], undefined],
  ])('%j', (path, expected) => {
    expect(textAt(text, path)).toBe(expected)
  })

  test.prop([bencodeValue])('cuts out what decodes to the value there', (value) => {
    const encoded = encodeBencode(value)
    if (E.isLeft(encoded)) throw new Error(encoded.left.reason)
    for (const [path, child] of places(value)) {
      const { start, end } = spanAt(encoded.right, path) ?? { start: 0, end: 0 }
      const part = encoded.right.subarray(start, end)
      expect(decodeBencode(part)).toEqual(E.right({ value: child, end: part.length, isCanonical: true }))
    }
  })
})
