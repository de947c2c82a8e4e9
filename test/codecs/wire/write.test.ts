import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { readMessage } from '../../../src/codecs/wire/read.js'
import { pieceHeader, wireLength, writeMessages } from '../../../src/codecs/wire/write.js'
import { anyMessage } from './arbitraries.js'

describe('writeMessages', () => {
  test.prop([anyMessage], { numRuns: 2_000 })('is undone by readMessage', (message) => {
    expect(readMessage(writeMessages([message]))).toEqual(E.right(message))
  })

  test.prop([fc.array(anyMessage)])(
    'joins messages in order, in a buffer of their exact size',
    (messages) => {
      const out = writeMessages(messages)
      expect([...out]).toEqual(messages.flatMap((message) => [...writeMessages([message])]))
      expect(out.length).toBe(messages.reduce((sum, message) => sum + wireLength(message), 0))
      expect(out.buffer.byteLength).toBe(out.length)
    },
  )

  it('writes nothing for a message that we cannot read', () => {
    expect(writeMessages([{ _tag: 'Unknown', id: 99, length: 5 }])).toEqual(new Uint8Array(0))
  })
})

describe('pieceHeader', () => {
  test.prop([fc.nat({ max: 0xffffffff }), fc.nat({ max: 0xffffffff }), fc.uint8Array()])(
    'followed by the payload is the piece message',
    (piece, begin, payload) => {
      expect([...pieceHeader(piece, begin, payload.length), ...payload]).toEqual([
        ...writeMessages([{ _tag: 'Piece', piece, begin, payload }]),
      ])
    },
  )
})
