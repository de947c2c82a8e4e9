import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { readMessage, readUint32 } from '../../../src/codecs/wire/read.js'

describe('readUint32', () => {
  test.prop([fc.nat({ max: 0xffffffff })])('is big-endian and unsigned', (value) => {
    const bytes = new Uint8Array(5)
    new DataView(bytes.buffer).setUint32(1, value)
    expect(readUint32(bytes, 1)).toBe(value)
  })
})

describe('readMessage', () => {
  it.each([
    ['nothing', []],
    ['half a prefix', [0, 0]],
    ['a prefix without its message', [0, 0, 0, 1]],
    ['a message without its end', [0, 0, 0, 5, 4, 0, 0]],
    ['more than one message', [0, 0, 0, 1, 0, 0, 0, 0, 0]],
    ['a keep-alive and more', [0, 0, 0, 0, 0]],
  ])('refuses %s', (_, bytes) => {
    expect(readMessage(Uint8Array.from(bytes))).toMatchObject(E.left({ _tag: 'WrongLength' }))
  })

  it('reads a view that does not start its buffer', () => {
    const bytes = Uint8Array.of(9, 9, 0, 0, 0, 3, 9, 0x1a, 0xe1).subarray(2)
    expect(readMessage(bytes)).toEqual(E.right({ _tag: 'Port', port: 6881 }))
  })
})
