import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { MAX_HASHES_BYTES } from '../../../src/codecs/limits.js'
import type { DecodedChunk, FrameDecoder } from '../../../src/codecs/wire/frameDecoder.js'
import { createFrameDecoder } from '../../../src/codecs/wire/frameDecoder.js'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { DEFAULT_WIRE_LIMITS } from '../../../src/codecs/wire/read.js'
import { writeMessages } from '../../../src/codecs/wire/write.js'
import { anyMessage, anyUnknown } from './arbitraries.js'

/** As whoever keeps a message beyond the turn must: payloads are copied before the next chunk comes. */
const copy = (message: WireMessage): WireMessage => {
  switch (message._tag) {
    case 'Piece':
    case 'Extended':
      return { ...message, payload: Uint8Array.from(message.payload) }
    case 'Bitfield':
      return { ...message, bits: Uint8Array.from(message.bits) }
    case 'HashRequest':
    case 'HashReject':
      return { ...message, root: Uint8Array.from(message.root) }
    case 'Hashes':
      return {
        ...message,
        root: Uint8Array.from(message.root),
        hashes: Uint8Array.from(message.hashes),
      }
    default:
      return message
  }
}

/** Feeds through one reused buffer, which is wiped after each write, as a socket would overwrite it. */
const feed = (decoder: FrameDecoder, bytes: Uint8Array, cuts: readonly number[]): DecodedChunk => {
  const messages: WireMessage[] = []
  const buffer = new Uint8Array(bytes.length + 3)
  let error: DecodedChunk['error']
  const edges = [...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  let start = 0
  for (const end of edges) {
    buffer.set(bytes.subarray(start, end), 3)
    const result = decoder.write(buffer.subarray(3, 3 + end - start))
    messages.push(...result.messages.map(copy))
    error = result.error
    buffer.fill(0xee)
    start = end
  }
  return { messages, error }
}

const everyByte = (bytes: Uint8Array): readonly number[] => Array.from(bytes, (_, i) => i)

const concat = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

const anyStream = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: anyMessage.map((message) => ({ message, bytes: writeMessages([message]) })) },
      { weight: 1, arbitrary: anyUnknown },
    ),
    { maxLength: 12 },
  )
  .map((items) => ({
    messages: items.map((item) => item.message),
    bytes: concat(items.map((item) => item.bytes)),
  }))

describe('createFrameDecoder', () => {
  test.prop([anyStream, fc.array(fc.nat(), { maxLength: 12 })], { numRuns: 10_000 })(
    'gives the same messages however the stream is cut',
    ({ messages, bytes }, cuts) => {
      const decoder = createFrameDecoder()
      expect(feed(decoder, bytes, cuts)).toEqual({ messages, error: undefined })
      expect(decoder.heldBytes()).toBe(0)
    },
  )

  test.prop([anyStream], { numRuns: 1_000 })(
    'gives the same messages byte by byte',
    ({ messages, bytes }) => {
      expect(feed(createFrameDecoder(), bytes, everyByte(bytes))).toEqual({ messages, error: undefined })
    },
  )

  test.prop([fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 8 })], { numRuns: 5_000 })(
    'reads any bytes to the same messages and the same error however they are cut',
    (bytes, cuts) => {
      // Small prefixes, so that the noise is not all refused at its first four bytes.
      for (let i = 0; i + 1 < bytes.length; i += 7) bytes[i] = bytes[i + 1] = 0
      const whole = feed(createFrameDecoder(), bytes, [])
      expect(feed(createFrameDecoder(), bytes, cuts)).toEqual(whole)
    },
  )

  it('lends payloads that lie whole in the chunk instead of copying them', () => {
    const chunk = writeMessages([{ _tag: 'Piece', piece: 1, begin: 2, payload: Uint8Array.of(7, 8, 9) }])
    const [message] = createFrameDecoder().write(chunk).messages
    expect(message?._tag === 'Piece' && message.payload.buffer === chunk.buffer).toBe(true)
  })

  it('keeps a finished message intact while the next one is carried', () => {
    const first: WireMessage = { _tag: 'Piece', piece: 0, begin: 0, payload: new Uint8Array(50).fill(1) }
    const second: WireMessage = { _tag: 'Piece', piece: 1, begin: 0, payload: new Uint8Array(50).fill(2) }
    const bytes = writeMessages([first, second])
    const decoder = createFrameDecoder()
    expect(decoder.write(bytes.subarray(0, 40)).messages).toEqual([])
    expect(decoder.write(bytes.subarray(40, 100)).messages).toEqual([first])
    expect(decoder.write(bytes.subarray(100)).messages).toEqual([second])
  })

  it.each([
    ['0x7fffffff', [0x7f, 0xff, 0xff, 0xff]],
    ['0xffffffff', [0xff, 0xff, 0xff, 0xff]],
    ['one byte over the ceiling', [0, 0x10, 0, 1]],
  ])('refuses the prefix %s before a byte of the body is kept', (_, prefix) => {
    const decoder = createFrameDecoder()
    const { messages, error } = decoder.write(Uint8Array.from(prefix))
    expect(messages).toEqual([])
    expect(error?._tag).toBe('MessageTooLong')
    const start = performance.now()
    for (let i = 0; i < 100; i++) decoder.write(new Uint8Array(65_536))
    expect(performance.now() - start).toBeLessThan(100)
    expect(decoder.heldBytes()).toBe(0)
  })

  it('decodes nothing after an error but keeps what came before it', () => {
    const good = writeMessages([{ _tag: 'Have', piece: 3 }])
    const decoder = createFrameDecoder()
    const error = { _tag: 'WrongLength', id: 0, length: 2 }
    const bytes = concat([good, Uint8Array.of(0, 0, 0, 2, 0, 0), good])
    expect(decoder.write(bytes)).toEqual({ messages: [{ _tag: 'Have', piece: 3 }], error })
    expect(decoder.write(good)).toEqual({ messages: [], error })
  })

  it.each([0, 1, 2, 3, 4, 6, 8, 9, 13, 14, 15, 16, 17, 21, 23])(
    'wants the exact length of message %i',
    (id) => {
      for (const length of [1, 2, 3, 4, 5, 6, 12, 13, 14, 40, 49]) {
        const bytes = new Uint8Array(4 + length)
        bytes[3] = length
        bytes[4] = id
        const { messages, error } = createFrameDecoder().write(bytes)
        if (error === undefined) expect(writeMessages(messages)).toEqual(bytes)
        else expect(error).toEqual({ _tag: 'WrongLength', id, length })
      }
    },
  )

  it('holds hashes to whole ones, at least one and no more than can be asked for', () => {
    const head = (length: number): Uint8Array => Uint8Array.of(0, 0, length >>> 8, length, 22)
    const errorOf = (length: number) => createFrameDecoder().write(head(length)).error
    expect(errorOf(49 + 32)).toBeUndefined()
    expect(errorOf(49 + MAX_HASHES_BYTES)).toBeUndefined()
    for (const length of [2, 48, 49, 50, 49 + 31, 49 + 33, 49 + 63])
      expect(errorOf(length)).toEqual({ _tag: 'WrongLength', id: 22, length })
    expect(errorOf(49 + 32 + MAX_HASHES_BYTES)).toEqual({
      _tag: 'MessageTooLong',
      length: 49 + 32 + MAX_HASHES_BYTES,
      allowed: 49 + MAX_HASHES_BYTES,
    })
  })

  it('holds a piece to the block limit and a bitfield to the piece count', () => {
    const head = (length: number, id: number): Uint8Array =>
      Uint8Array.of(length >>> 24, length >>> 16, length >>> 8, length, id)
    const { maxBlockBytes } = DEFAULT_WIRE_LIMITS
    expect(createFrameDecoder().write(head(9 + maxBlockBytes, 7)).error).toBeUndefined()
    expect(createFrameDecoder().write(head(10 + maxBlockBytes, 7)).error?._tag).toBe('MessageTooLong')
    expect(createFrameDecoder().write(head(8, 7)).error?._tag).toBe('WrongLength')
    const decoder = createFrameDecoder()
    decoder.setMaxBitfieldBytes(2)
    expect(
      decoder.write(writeMessages([{ _tag: 'Bitfield', bits: new Uint8Array(2) }])).error,
    ).toBeUndefined()
    expect(decoder.write(head(4, 5)).error).toEqual({ _tag: 'MessageTooLong', length: 4, allowed: 3 })
  })

  it('passes over a large unknown message without keeping any of it', () => {
    const decoder = createFrameDecoder()
    expect(decoder.write(Uint8Array.of(0, 0x10, 0, 0, 99)).messages).toEqual([
      { _tag: 'Unknown', id: 99, length: 0x100000 },
    ])
    for (let left = 0x100000 - 1; left > 0; left -= 1000) {
      expect(decoder.write(new Uint8Array(Math.min(1000, left)))).toEqual({ messages: [], error: undefined })
      expect(decoder.heldBytes()).toBe(0)
    }
    expect(decoder.write(writeMessages([{ _tag: 'Unchoke' }])).messages).toEqual([{ _tag: 'Unchoke' }])
  })

  it('holds memory by what arrived, not by what was claimed, and none when idle', () => {
    const decoder = createFrameDecoder()
    const payload = new Uint8Array(1_000_000)
    const bytes = writeMessages([{ _tag: 'Extended', id: 1, payload }])
    for (let at = 0; at < bytes.length; at += 1000) {
      const arrived = Math.min(at + 1000, bytes.length)
      decoder.write(bytes.subarray(at, arrived))
      expect(decoder.heldBytes()).toBeLessThanOrEqual(2 * arrived)
    }
    expect(decoder.heldBytes()).toBe(0)
  })

  it('holds on to its memory while blocks come, 128 KiB at most, until little comes', () => {
    const decoder = createFrameDecoder()
    const block = (fill: number): WireMessage => ({
      _tag: 'Piece',
      piece: fill,
      begin: 0,
      payload: new Uint8Array(16_384).fill(fill),
    })
    const two = [block(1), block(2)]
    const bytes = writeMessages(two)
    for (let cut = 1; cut < bytes.length / 2; cut += 1_000) {
      decoder.write(bytes.subarray(0, cut))
      expect(decoder.write(bytes.subarray(cut)).messages).toEqual(two)
      expect(decoder.heldBytes()).toBeGreaterThan(0)
      expect(decoder.heldBytes()).toBeLessThanOrEqual(128 * 1024)
    }
    expect(decoder.write(writeMessages([{ _tag: 'KeepAlive' }])).messages).toHaveLength(1)
    expect(decoder.heldBytes()).toBe(0)
  })

  it('does not hold on to what a large message took', () => {
    const decoder = createFrameDecoder()
    const message: WireMessage = { _tag: 'Extended', id: 1, payload: new Uint8Array(900_000) }
    const bytes = writeMessages([message])
    for (let times = 0; times < 3; times++) {
      decoder.write(bytes.subarray(0, 450_000))
      expect(decoder.write(bytes.subarray(450_000)).messages).toEqual([message])
      expect(decoder.heldBytes()).toBeLessThanOrEqual(128 * 1024)
    }
  })

  it('reads a stream of large blocks cut at awkward places', () => {
    const blocks = Array.from({ length: 40 }, (_, i): WireMessage => {
      const payload = Uint8Array.from({ length: 16_384 }, (_unused, j) => i * 7 + j)
      return { _tag: 'Piece', piece: i, begin: 16_384 * i, payload }
    })
    const bytes = writeMessages(blocks)
    const cuts = Array.from({ length: 30 }, (_, i) => i * 21_001)
    expect(feed(createFrameDecoder(), bytes, cuts).messages).toEqual(blocks)
  })
})
