import { readFileSync } from 'node:fs'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromHex, toHex } from '../../src/codecs/bytes.js'
import { decodeHandshake, decodeReserved, encodeHandshake } from '../../src/codecs/handshake.js'
import { decodeExtendedHandshake } from '../../src/codecs/wire/extended.js'
import { createFrameDecoder } from '../../src/codecs/wire/frameDecoder.js'
import type { WireMessage } from '../../src/codecs/wire/message.js'
import { writeMessages } from '../../src/codecs/wire/write.js'
import { corpusPath, readVectors } from './support/corpus.js'

const vectors = readVectors(
  'bep3_wire',
  t.type({
    handshake: t.string,
    messages: t.record(t.string, t.string),
    captured_extended_handshake: t.string,
    must_disconnect: t.array(
      t.intersection([
        t.type({ name: t.string }),
        t.partial({ hex: t.union([t.string, t.array(t.string)]) }),
      ]),
    ),
  }),
)

const bytes = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0)

const RANGE = { root: new Uint8Array(32).fill(0xaa), baseLayer: 0, index: 0, length: 2, proofLayers: 1 }

const MESSAGES: Readonly<Record<string, WireMessage>> = {
  keep_alive: { _tag: 'KeepAlive' },
  choke: { _tag: 'Choke' },
  unchoke: { _tag: 'Unchoke' },
  interested: { _tag: 'Interested' },
  not_interested: { _tag: 'NotInterested' },
  have_7: { _tag: 'Have', piece: 7 },
  bitfield_10_pieces_have_0_and_9: { _tag: 'Bitfield', bits: Uint8Array.of(0x80, 0x40) },
  request_1_16384_16384: { _tag: 'Request', piece: 1, begin: 16_384, length: 16_384 },
  piece_1_0_abc: { _tag: 'Piece', piece: 1, begin: 0, payload: Uint8Array.of(0x61, 0x62, 0x63) },
  cancel_1_16384_16384: { _tag: 'Cancel', piece: 1, begin: 16_384, length: 16_384 },
  port_6881: { _tag: 'Port', port: 6881 },
  suggest_3: { _tag: 'SuggestPiece', piece: 3 },
  have_all: { _tag: 'HaveAll' },
  have_none: { _tag: 'HaveNone' },
  reject_1_0_16384: { _tag: 'RejectRequest', piece: 1, begin: 0, length: 16_384 },
  allowed_fast_5: { _tag: 'AllowedFast', piece: 5 },
  extended_handshake: {
    _tag: 'Extended',
    id: 0,
    payload: bytes(vectors.messages['extended_handshake'] ?? '').subarray(6),
  },
  hash_request: { _tag: 'HashRequest', ...RANGE },
  hashes: { _tag: 'Hashes', ...RANGE, hashes: new Uint8Array(64).fill(0xbb) },
  hash_reject: { _tag: 'HashReject', ...RANGE },
}

describe('handshake', () => {
  it('reads and writes', () => {
    const decoded = decodeHandshake(bytes(vectors.handshake))
    const handshake = E.isRight(decoded) ? O.toUndefined(decoded.right) : undefined
    expect(handshake && toHex(encodeHandshake(handshake))).toBe(vectors.handshake)
    expect(handshake && decodeReserved(handshake.reserved)).toEqual({
      fast: true,
      extended: true,
      dht: true,
      v2: false,
    })
  })
})

describe('messages', () => {
  it('are all known', () => {
    expect(Object.keys(vectors.messages).sort()).toEqual(Object.keys(MESSAGES).sort())
  })

  it.each(Object.entries(vectors.messages))('%s', (name, hex) => {
    const message = MESSAGES[name]
    const chunk = bytes(hex)
    expect(createFrameDecoder().write(chunk)).toEqual({
      messages: [message],
      error: undefined,
    })
    expect(message && toHex(writeMessages([message]))).toBe(hex)
  })

  it('read the same in one stream, cut at every byte', () => {
    const stream = bytes(Object.values(vectors.messages).join(''))
    const decoder = createFrameDecoder()
    const names: string[] = []
    for (const byte of stream) {
      for (const message of decoder.write(Uint8Array.of(byte)).messages) names.push(message._tag)
    }
    expect(names).toEqual(Object.keys(vectors.messages).map((name) => MESSAGES[name]?._tag))
  })
})

describe('must disconnect', () => {
  // The others are right as frames; whether they may come is for the session to say.
  const BY_FRAME: Readonly<Record<string, string>> = {
    'length prefix above the limit': 'MessageTooLong',
    'length 0xffffffff': 'MessageTooLong',
    'choke with payload': 'WrongLength',
  }

  it.each(vectors.must_disconnect.filter(({ name }) => name in BY_FRAME))('$name', ({ name, hex }) => {
    expect(createFrameDecoder().write(bytes(String(hex))).error?._tag).toBe(BY_FRAME[name])
  })

  it('anacrolix fuzz: an error, or nothing and little memory', () => {
    const row = vectors.must_disconnect.find(({ name }) => name === 'anacrolix fuzz')
    const inputs = Array.isArray(row?.hex) ? row.hex : []
    expect(inputs.length).toBe(6)
    for (const hex of inputs) {
      const decoder = createFrameDecoder()
      decoder.setMaxBitfieldBytes(2)
      const { messages, error } = decoder.write(bytes(hex))
      const isJustStarted = messages.length === 0 && decoder.heldBytes() <= bytes(hex).length
      expect(error !== undefined || isJustStarted || messages[0]?._tag === 'AllowedFast').toBe(true)
    }
  })
})

describe('extended handshake', () => {
  it('captured in the wild', () => {
    const { messages } = createFrameDecoder().write(
      new Uint8Array(readFileSync(corpusPath(vectors.captured_extended_handshake))),
    )
    const [message] = messages
    const decoded = decodeExtendedHandshake(
      message?._tag === 'Extended' ? message.payload : new Uint8Array(0),
    )
    expect(decoded).toMatchObject(E.right({ requestQueue: expect.any(Number) as number }))
    expect(E.isRight(decoded) && decoded.right.extensions.get('ut_metadata')).toBeGreaterThan(0)
  })

  it('of the vectors', () => {
    const payload = bytes(vectors.messages['extended_handshake'] ?? '').subarray(6)
    expect(decodeExtendedHandshake(payload)).toMatchObject(
      E.right({
        extensions: new Map([
          ['ut_metadata', 2],
          ['ut_pex', 1],
        ]),
        metadataSize: 31_235,
      }),
    )
  })
})
