import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { decodeUdpResponse, type UdpQuestion } from '../../../src/codecs/udpTracker/udpResponse.js'

const question = (action: UdpQuestion['action'], family: 4 | 6 = 4): UdpQuestion => ({
  action,
  transactionId: 7,
  family,
})

const packet = (...words: ReadonlyArray<number>): Uint8Array => {
  const bytes = new Uint8Array(4 * words.length)
  for (const [i, word] of words.entries()) new DataView(bytes.buffer).setUint32(4 * i, word)
  return bytes
}

const joined = (...parts: ReadonlyArray<Uint8Array>): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]))

describe('decodeUdpResponse', () => {
  it('reads peers of the family of the packets', () => {
    const ip = Uint8Array.of(0x20, 1, 0x0d, 0xb8, ...new Uint8Array(11), 1, 0x1a, 0xe1)
    const bytes = joined(packet(1, 7, 900, 1, 2), ip)
    expect(decodeUdpResponse(bytes, question('announce', 6))).toMatchObject(
      O.some({
        _tag: 'Announced',
        response: {
          interval: 900,
          incomplete: 1,
          complete: 2,
          peers: [{ host: '2001:db8::1', port: 6_881 }],
        },
      }),
    )
  })

  it('leaves out what makes no peer: the end that is too short, port 0', () => {
    const bytes = joined(
      packet(1, 7, 900, 1, 2),
      Uint8Array.of(192, 0, 2, 1, 0, 0, 192, 0, 2, 2, 0, 80, 1, 2, 3, 4, 5),
    )
    expect(decodeUdpResponse(bytes, question('announce'))).toMatchObject(
      O.some({ response: { peers: [{ host: '192.0.2.2', port: 80 }] } }),
    )
  })

  it('keeps 3 000 peers of the many that a packet may have', () => {
    const bytes = joined(packet(1, 7, 900, 1, 2), new Uint8Array(6 * 10_000).fill(1))
    const decoded = decodeUdpResponse(bytes, question('announce'))
    expect(
      O.isSome(decoded) && decoded.value._tag === 'Announced' && decoded.value.response.peers.length,
    ).toBe(3_000)
  })

  it('takes negative counts for none, and hands intervals on as they are', () => {
    expect(
      decodeUdpResponse(packet(1, 7, 0xffff_ffff, 0xffff_ffff, 0x8000_0000), question('announce')),
    ).toMatchObject(O.some({ response: { interval: -1, incomplete: undefined, complete: undefined } }))
    expect(decodeUdpResponse(packet(2, 7, 1, 0xffff_fffe, 3, 9), question('scrape'))).toEqual(
      O.some({
        _tag: 'Scraped',
        entries: [{ complete: 1, downloaded: undefined, incomplete: 3, downloaders: undefined }],
      }),
    )
  })

  it('keeps 1 024 bytes of a reason', () => {
    const bytes = joined(packet(3, 7), new Uint8Array(60_000).fill(0x61))
    expect(decodeUdpResponse(bytes, question('connect'))).toEqual(
      O.some({ _tag: 'Refused', reason: 'a'.repeat(1_024) }),
    )
  })

  it('never throws, and answers to its own question alone', () => {
    const anyQuestion = fc.constantFrom<UdpQuestion>(
      ...(['connect', 'announce', 'scrape'] as const).flatMap((action) => [
        question(action),
        question(action, 6),
      ]),
    )
    const anyPacket = fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc
        .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom(7, 8), fc.uint8Array({ maxLength: 60 }))
        .map(([action, id, rest]) => joined(packet(action, id), rest)),
    )
    fc.assert(
      fc.property(anyPacket, anyQuestion, (bytes, asked) => {
        const decoded = decodeUdpResponse(bytes, asked)
        if (O.isNone(decoded)) return
        expect(new DataView(bytes.buffer, bytes.byteOffset).getUint32(4)).toBe(7)
        const tags = { connect: 'Connected', announce: 'Announced', scrape: 'Scraped' }
        expect(['Refused', tags[asked.action]]).toContain(decoded.value._tag)
      }),
      { numRuns: 2_000 },
    )
  })
})
