import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { createFrameDecoder } from '../../../src/codecs/wire/frameDecoder.js'
import { WireMessage } from '../../../src/codecs/wire/wireMessage.js'
import { anyMessage, anyUnknown } from './arbitraries.js'

describe('WireMessage', () => {
  test.prop([anyMessage])('decodes what it encodes', (message) => {
    expect(WireMessage.is(message)).toBe(true)
    expect(WireMessage.decode(WireMessage.encode(message))).toEqual(E.right(message))
  })

  test.prop([
    fc.oneof(
      anyMessage.map(WireMessage.encode),
      anyUnknown.map(({ bytes }) => bytes),
      fc.uint8Array(),
    ),
  ])('agrees with the frame decoder on one frame', (bytes) => {
    const { messages, error } = createFrameDecoder().write(bytes)
    const decoded = WireMessage.decode(bytes)
    if (E.isRight(decoded)) {
      expect(messages).toEqual([decoded.right])
      expect(error).toBeUndefined()
    } else {
      const last = messages[0]
      const isWhole =
        messages.length === 1 && last !== undefined && WireMessage.encode(last).length === bytes.length
      expect(isWhole).toBe(false)
    }
  })

  it.each([
    undefined,
    null,
    'Choke',
    {},
    { _tag: 'Nonsense' },
    { _tag: 'Have' },
    { _tag: 'Have', piece: -1 },
    { _tag: 'Have', piece: 1.5 },
    { _tag: 'Have', piece: 2 ** 32 },
    { _tag: 'Port', port: 65_536 },
    { _tag: 'Piece', piece: 0, begin: 0, payload: [] },
    { _tag: 'HashRequest', root: new Uint8Array(31), baseLayer: 0, index: 0, length: 2, proofLayers: 0 },
    { _tag: 'HashReject', root: new Uint8Array(32), baseLayer: -1, index: 0, length: 2, proofLayers: 0 },
    { _tag: 'Hashes', root: new Uint8Array(32), baseLayer: 0, index: 0, length: 2, proofLayers: 0 },
  ])('is not %j', (value) => {
    expect(WireMessage.is(value)).toBe(false)
  })

  it('refuses what is not bytes', () => {
    expect(E.isLeft(WireMessage.decode('0000000100'))).toBe(true)
  })
})
