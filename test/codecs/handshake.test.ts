import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import {
  decodeHandshake,
  decodeReserved,
  encodeHandshake,
  encodeReserved,
  HANDSHAKE_LENGTH,
} from '../../src/codecs/handshake.js'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const anyHandshake = fc.record({ reserved: bytes(8), infohash: bytes(20), peerId: bytes(20) })

describe('decodeHandshake', () => {
  test.prop([anyHandshake, fc.uint8Array()])(
    'undoes encodeHandshake and leaves what follows',
    (handshake, rest) => {
      const encoded = encodeHandshake(handshake)
      expect(encoded.length).toBe(HANDSHAKE_LENGTH)
      expect(decodeHandshake(Uint8Array.of(...encoded, ...rest))).toEqual(E.right(O.some(handshake)))
    },
  )

  test.prop([anyHandshake, fc.nat({ max: HANDSHAKE_LENGTH - 1 })])(
    'waits for all of it',
    (handshake, length) => {
      expect(decodeHandshake(encodeHandshake(handshake).subarray(0, length))).toEqual(E.right(O.none))
    },
  )

  test.prop([anyHandshake, fc.nat({ max: 19 }), fc.integer({ min: 1, max: 255 })])(
    'refuses another protocol at its first wrong byte',
    (handshake, at, flip) => {
      const wrong = encodeHandshake(handshake).subarray(0, at + 1)
      wrong[at]! ^= flip
      expect(decodeHandshake(wrong)).toEqual(E.left({ _tag: 'NotBitTorrent' }))
    },
  )

  it('copies the fields', () => {
    const encoded = encodeHandshake({
      reserved: new Uint8Array(8),
      infohash: new Uint8Array(20).fill(1),
      peerId: new Uint8Array(20).fill(2),
    })
    const decoded = decodeHandshake(encoded)
    encoded.fill(0xee)
    expect(decoded).toMatchObject(E.right(O.some({ infohash: new Uint8Array(20).fill(1) })))
  })
})

describe('reserved bytes', () => {
  test.prop([fc.record({ fast: fc.boolean(), extended: fc.boolean(), dht: fc.boolean(), v2: fc.boolean() })])(
    'round trip',
    (features) => {
      expect(decodeReserved(encodeReserved(features))).toEqual(features)
    },
  )

  it('are the bits that the BEPs name', () => {
    expect(encodeReserved({ fast: true, extended: false, dht: false, v2: false })[7]).toBe(0x04)
    expect(encodeReserved({ fast: false, extended: true, dht: false, v2: false })[5]).toBe(0x10)
    expect(encodeReserved({ fast: false, extended: false, dht: true, v2: false })[7]).toBe(0x01)
    expect(encodeReserved({ fast: false, extended: false, dht: false, v2: true })[7]).toBe(0x10)
    expect(decodeReserved(new Uint8Array(0))).toEqual({ fast: false, extended: false, dht: false, v2: false })
  })
})
