import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { Bencode } from '../../../src/codecs/bencode.js'
import { toUtf8 } from '../../../src/codecs/bytes.js'
import { bencodeLike, bencodeValue } from './arbitraries.js'

describe('Bencode', () => {
  test.prop([bencodeValue])('goes both ways', (value) => {
    expect(Bencode.is(value)).toBe(true)
    expect(Bencode.decode(Bencode.encode(value))).toEqual(E.right(value))
  })

  test.prop([bencodeLike])('explains in one line', (input) => {
    const decoded = Bencode.decode(input)
    if (E.isLeft(decoded))
      expect(decoded.left.map(({ message }) => message)).toEqual([expect.stringMatching(/^.{5,200}$/)])
  })

  it.each([['text'], [undefined], [{}], [1.5], [[1.5]], [new Map([['a', null]])]])(
    '%o is no value',
    (value) => {
      expect(Bencode.is(value)).toBe(false)
      expect(Bencode.decode(value)._tag).toBe('Left')
    },
  )

  it('throws on a value that the types rule out', () => {
    expect(() => Bencode.encode(0.5)).toThrow(RangeError)
    expect(Bencode.encode([1])).toEqual(toUtf8('li1ee'))
  })
})
