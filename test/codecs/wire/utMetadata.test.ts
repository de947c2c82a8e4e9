import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1 } from '../../../src/codecs/bytes.js'
import {
  decodeUtMetadata,
  encodeUtMetadata,
  metadataPieceCount,
  metadataPieceLength,
} from '../../../src/codecs/wire/utMetadata.js'

const SIZE = 10_000_000

const sizes = fc.integer({ min: 1, max: SIZE })

const data = sizes
  .chain((totalSize) =>
    fc.record({
      totalSize: fc.constant(totalSize),
      piece: fc.integer({ min: 0, max: metadataPieceCount(totalSize) - 1 }),
      byte: fc.nat({ max: 255 }),
    }),
  )
  .map(({ totalSize, piece, byte }) => ({
    _tag: 'Data' as const,
    piece,
    totalSize,
    payload: new Uint8Array(metadataPieceLength(totalSize, piece)).fill(byte),
  }))

const asked = fc.record({
  _tag: fc.constantFrom('Request' as const, 'Reject' as const),
  piece: fc.integer({ min: 0, max: metadataPieceCount(SIZE) - 1 }),
})

describe('decodeUtMetadata', () => {
  test.prop([fc.oneof(asked, data)], { numRuns: 40 })('undoes encodeUtMetadata', (message) => {
    expect(decodeUtMetadata(encodeUtMetadata(message))).toEqual(E.right(message))
  })

  test.prop([fc.uint8Array({ maxLength: 200 })])('never throws', (bytes) => {
    expect(() => decodeUtMetadata(bytes)).not.toThrow()
  })

  it.each([
    '',
    'le',
    'd8:msg_typei0e',
    'd8:msg_typei-1e5:piecei0ee',
    'd8:msg_type1:05:piecei0ee',
    'd8:msg_typei0ee',
    'd8:msg_typei0e5:piecei-1ee',
    'd8:msg_typei0e5:piecei611ee',
    'd8:msg_typei0e5:piecei2147483648ee',
    'd8:msg_typei1e5:piecei0eex',
    'd8:msg_typei1e5:piecei0e10:total_sizei0ee',
    'd8:msg_typei1e5:piecei0e10:total_sizei-1eex',
    'd8:msg_typei1e5:piecei0e10:total_sizei10000001eex',
    'd8:msg_typei1e5:piecei0e10:total_sizei2eex',
    'd8:msg_typei1e5:piecei0e10:total_sizei2eexyz',
    'd8:msg_typei1e5:piecei1e10:total_sizei2ee',
    'l-3:e',
    `${'l'.repeat(2_000)}${'e'.repeat(2_000)}`,
    'd8:msg_typei0e8:msg_typei0e5:piecei0ee',
  ])('refuses %j', (text) => {
    expect(E.isLeft(decodeUtMetadata(fromLatin1(text)))).toBe(true)
  })

  it('lets a type pass that it does not know', () => {
    expect(decodeUtMetadata(fromLatin1('d8:msg_typei3ee'))).toEqual(E.right({ _tag: 'Unknown', type: 3 }))
  })

  it('refuses more than a piece and its dictionary', () => {
    const head = fromLatin1(`d8:msg_typei1e5:piecei0e10:total_sizei10000000ee`)
    const bytes = new Uint8Array(head.length + 16_384 + 1_024)
    bytes.set(head)
    expect(decodeUtMetadata(bytes)).toMatchObject(E.left({ _tag: 'LimitExceeded' }))
  })
})
