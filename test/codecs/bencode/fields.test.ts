import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { BencodeValue } from '../../../src/codecs/bencode.js'
import { decodeBencode } from '../../../src/codecs/bencode.js'
import {
  Bytes,
  bytesOf,
  Dict,
  dict,
  Integer,
  integerWithin,
  lenient,
  list,
  optional,
  readFields,
} from '../../../src/codecs/bencode/fields.js'
import { fromLatin1, toUtf8 } from '../../../src/codecs/bytes.js'

const Fields = dict({
  name: Bytes,
  length: optional(integerWithin(0, 9)),
  private: lenient(Integer),
  files: optional(list(dict({ path: list(Bytes) }))),
  'pieces root': optional(bytesOf(2)),
  info: optional(Dict),
})

const read = (text: string): unknown => {
  const bytes = fromLatin1(text)
  const value: unknown = E.getOrElseW(() => undefined)(
    E.map((d: { value: BencodeValue }) => d.value)(decodeBencode(bytes)),
  )
  return readFields(Fields, value, bytes)
}

const failure = (path: string, expected: string, offset: number): unknown =>
  E.left({ _tag: 'InvalidField', path, expected, offset })

describe('readFields', () => {
  it('reads what is there and leaves out the rest', () => {
    expect(read('d5:filesld4:pathl1:aeee4:name1:x5:otheri1e7:privatei1ee')).toEqual(
      E.right({ files: [{ path: [toUtf8('a')] }], name: toUtf8('x'), private: 1 }),
    )
  })

  it.each([
    ['i1e', '', 'a dictionary', 0],
    ['de', 'name', 'a byte string', 0],
    ['d4:namei1ee', 'name', 'a byte string', 7],
    ['d6:lengthi10e4:name1:xe', 'length', 'an integer from 0 to 9', 9],
    ['d6:lengthi-1e4:name1:xe', 'length', 'an integer from 0 to 9', 9],
    ['d5:filesi1e4:name1:xe', 'files', 'a list', 8],
    ['d5:filesld4:pathleed4:pathli1eeee4:name1:xe', 'files[1].path[0]', 'a byte string', 27],
    ['d5:fileslde1:xe4:name1:xe', 'files[0].path', 'a list', 9],
    ['d4:name1:x11:pieces root1:ae', 'pieces root', '2 bytes', 24],
    ['d4:infole4:name1:xe', 'info', 'a dictionary', 7],
  ])('refuses %s at %s', (text, path, expected, offset) => {
    expect(read(text)).toEqual(failure(path, expected, offset))
  })

  it('takes a wrong value for none where nothing depends on it', () => {
    expect(read('d4:name1:x7:private1:ye')).toEqual(E.right({ name: toUtf8('x'), private: undefined }))
  })

  it('adds the place of the value to that in it', () => {
    const bytes = fromLatin1('d4:infod4:name1:xee')
    expect(readFields(dict({ name: Integer }), new Map([['name', toUtf8('x')]]), bytes, ['info'])).toEqual(
      failure('info.name', 'an integer', 14),
    )
  })
})

describe('a dictionary codec', () => {
  it('writes what it reads', () => {
    const value = new Map<string, unknown>([
      ['name', toUtf8('x')],
      ['length', 3],
      ['files', [new Map([['path', [toUtf8('a')]]])]],
    ])
    const fields = Fields.decode(value)
    if (E.isLeft(fields)) throw new Error('refused')
    expect(Fields.is(fields.right)).toBe(true)
    expect(Fields.encode(fields.right)).toEqual(value)
  })

  it('knows its own', () => {
    expect(Fields.is({ name: 1 })).toBe(false)
    expect(Fields.is(null)).toBe(false)
    expect(t.array(Fields).is([{ name: toUtf8('x') }])).toBe(true)
  })
})
