import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AnnounceRequest } from '../../../src/codecs/announce.js'
import { fromUtf8 } from '../../../src/codecs/bytes.js'
import {
  encodeUdpAnnounce,
  encodeUdpConnect,
  encodeUdpScrape,
  encodeUrlData,
} from '../../../src/codecs/udpTracker/udpRequest.js'

const REQUEST: AnnounceRequest = {
  infohash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  port: 6_881,
  uploaded: 2 ** 40,
  downloaded: 2 ** 41,
  left: Number.MAX_SAFE_INTEGER,
  event: undefined,
  numWant: 50,
  key: 0xffff_ffff,
  trackerId: 'not for UDP',
}

/** Options of BEP 41, read back. */
const readUrlData = (bytes: Uint8Array): { readonly path: string; readonly rest: Uint8Array } => {
  const parts: number[] = []
  let at = 0
  while (bytes[at] === 2) {
    const length = bytes[at + 1]!
    parts.push(...bytes.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return { path: fromUtf8(Uint8Array.from(parts)), rest: bytes.subarray(at) }
}

describe('encodeUdpConnect', () => {
  it('says what protocol it speaks', () => {
    expect([...encodeUdpConnect(0x0a0b0c0d)]).toEqual([
      0, 0, 4, 0x17, 0x27, 0x10, 0x19, 0x80, 0, 0, 0, 0, 10, 11, 12, 13,
    ])
  })
})

describe('encodeUdpAnnounce', () => {
  it('has numbers beyond 32 bits', () => {
    const view = new DataView(encodeUdpAnnounce(0xffff_ffff_ffff_ffffn, 1, REQUEST).buffer)
    expect(view.byteLength).toBe(98)
    expect([
      view.getBigUint64(0),
      view.getBigUint64(56),
      view.getBigUint64(64),
      view.getBigUint64(72),
    ]).toEqual([0xffff_ffff_ffff_ffffn, 2n ** 41n, BigInt(Number.MAX_SAFE_INTEGER), 2n ** 40n])
    expect(view.getUint32(88)).toBe(0xffff_ffff)
  })

  it.each([
    [undefined, 0],
    ['completed', 1],
    ['started', 2],
    ['stopped', 3],
  ] as const)('numbers the event %s as %i', (event, expected) => {
    const bytes = encodeUdpAnnounce(0n, 1, { ...REQUEST, event })
    expect(new DataView(bytes.buffer).getUint32(80)).toBe(expected)
  })

  it('has the path behind it', () => {
    const bytes = encodeUdpAnnounce(0n, 1, REQUEST, '/announce?passkey=x')
    expect(readUrlData(bytes.subarray(98)).path).toBe('/announce?passkey=x')
  })
})

describe('encodeUrlData', () => {
  it.each(['', '/'])('has nothing to say of %j', (path) => {
    expect(encodeUrlData(path)).toEqual(new Uint8Array(0))
  })

  it('says any path, in parts of at most 255 bytes, and ends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 2, maxLength: 2_000 }), (path) => {
        const { path: read, rest } = readUrlData(encodeUrlData(path))
        expect(read).toBe(path)
        expect([...rest]).toEqual([0])
      }),
    )
  })
})

describe('encodeUdpScrape', () => {
  it('asks about 74 torrents at most', () => {
    const infohashes = Array.from({ length: 80 }, (_, i) => new Uint8Array(20).fill(i))
    const bytes = encodeUdpScrape(1n, 2, infohashes)
    expect(bytes.length).toBe(16 + 74 * 20)
    expect(bytes.at(-1)).toBe(73)
  })
})
