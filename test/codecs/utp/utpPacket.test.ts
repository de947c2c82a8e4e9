import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import {
  decodeUtp,
  encodeUtp,
  looksLikeUtp,
  UTP_HEADER_BYTES,
  UTP_TYPE,
  type UtpPacket,
} from '../../../src/codecs/utp/utpPacket.js'
import { createPrng } from '../../../src/operators/random.js'

const any16 = fc.integer({ min: 0, max: 0xffff })
const any32 = fc.integer({ min: 0, max: 0xffff_ffff })
const anySack = fc
  .integer({ min: 1, max: 63 })
  .chain((words) => fc.uint8Array({ minLength: 4 * words, maxLength: 4 * words }))
const anyPacket: fc.Arbitrary<UtpPacket> = fc.record({
  type: fc.constantFrom(...Object.values(UTP_TYPE)),
  connectionId: any16,
  timestamp: any32,
  timestampDifference: any32,
  windowSize: any32,
  seq: any16,
  ack: any16,
  sack: fc.option(anySack, { nil: undefined }),
  payload: fc.uint8Array({ maxLength: 1_500 }),
})

/** A header with that extension first, then the bytes. */
const packet = (extension: number, ...bytes: ReadonlyArray<number>): Uint8Array => {
  const header = new Uint8Array(UTP_HEADER_BYTES)
  header[0] = (UTP_TYPE.data << 4) | 1
  header[1] = extension
  return new Uint8Array([...header, ...bytes])
}

describe('encodeUtp', () => {
  test.prop([anyPacket])('is undone by decodeUtp', (sent) => {
    expect(decodeUtp(encodeUtp(sent))).toEqual(E.right(sent))
  })
})

describe('decodeUtp', () => {
  it('passes over extensions that nobody knows', () => {
    const read = decodeUtp(packet(2, 1, 3, 9, 9, 9, 7, 4, 1, 0, 0, 0x80, 0, 0, 42))
    expect(E.isRight(read) && [...(read.right.sack ?? [])]).toEqual([1, 0, 0, 0x80])
    expect(E.isRight(read) && [...read.right.payload]).toEqual([42])
  })

  it('takes a sack of three bytes, as libtorrent sends them', () => {
    const read = decodeUtp(packet(1, 0, 3, 1, 2, 3))
    expect(E.isRight(read) && [...(read.right.sack ?? [])]).toEqual([1, 2, 3])
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['19 bytes', packet(0).subarray(1)],
    ['another version', packet(0).fill(2, 0, 1)],
    ['a type above 4', packet(0).fill(0x51, 0, 1)],
    ['an extension without its head', packet(1)],
    ['an extension with half a head', packet(1, 0)],
    ['an extension that runs past the end', packet(1, 0, 4, 0, 0, 0)],
    ['a chain that runs past the end', packet(2, 1, 0, 0)],
    ['a sack of no bytes', packet(1, 0, 0)],
    ['an endless chain', packet(3, ...Array.from({ length: 1_300 }, () => 3))],
  ])('refuses %s (R67)', (_name, bytes) => {
    expect(decodeUtp(bytes)._tag).toBe('Left')
  })

  it('survives a million random packets, each cut at random (R67)', () => {
    const prng = createPrng(29)
    const bytes = new Uint8Array(64)
    let read = 0
    for (let i = 0; i < 1_000_000; i++) {
      const length = prng.int(bytes.length + 1)
      for (let at = 0; at < length; at += 4) {
        const word = prng.uint32()
        bytes[at] = word
        bytes[at + 1] = word >>> 8
        bytes[at + 2] = word >>> 16
        bytes[at + 3] = word >>> 24
      }
      // Half of them get past the first byte and into the extensions.
      if (i % 2 === 0) bytes[0] = ((bytes[0]! % 5) << 4) | 1
      const result = decodeUtp(bytes.subarray(0, length))
      if (E.isLeft(result)) continue
      read++
      const { sack, payload } = result.right
      if (payload.length + (sack?.length ?? 0) > length - UTP_HEADER_BYTES) {
        throw new Error(`packet ${String(i)} was read wrongly`)
      }
    }
    expect(read).toBeGreaterThan(1_000)
  })
})

describe('looksLikeUtp', () => {
  test.prop([fc.uint8Array({ maxLength: 40 })])('takes whatever decodeUtp does', (bytes) => {
    if (E.isRight(decodeUtp(bytes))) expect(looksLikeUtp(bytes)).toBe(true)
  })

  it('leaves to the DHT what is bencode', () => {
    expect(looksLikeUtp(new TextEncoder().encode('d1:ad2:id20:abcdefghij0123456789e1:q4:pinge'))).toBe(false)
  })
})
