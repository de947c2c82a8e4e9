import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeCompactPeers, encodeCompactPeers } from '../../src/codecs/compactPeers.js'

const anyPeer = (addressLength: 4 | 16) =>
  fc.uint8Array({ minLength: addressLength + 2, maxLength: addressLength + 2 }).map((bytes) => [...bytes])

describe('decodeCompactPeers', () => {
  it.each([4, 16] as const)('is undone by encodeCompactPeers for %i byte addresses', (addressLength) => {
    fc.assert(
      fc.property(fc.array(anyPeer(addressLength), { maxLength: 20 }), (peers) => {
        const bytes = Uint8Array.from(peers.flat())
        const kept = peers.filter((peer) => peer[addressLength] !== 0 || peer[addressLength + 1] !== 0)
        const decoded = decodeCompactPeers(bytes, addressLength, 100, 'peers')
        expect(E.isRight(decoded) && encodeCompactPeers(decoded.right, addressLength)).toEqual(
          Uint8Array.from(kept.flat()),
        )
      }),
    )
  })

  test.prop([fc.uint8Array({ maxLength: 100 })])('refuses a broken length, and nothing else', (bytes) => {
    expect(E.isRight(decodeCompactPeers(bytes, 4, 100, 'peers'))).toBe(bytes.length % 6 === 0)
    expect(E.isRight(decodeCompactPeers(bytes, 16, 100, 'peers6'))).toBe(bytes.length % 18 === 0)
  })

  it('leaves out port zero and stops at the limit', () => {
    const bytes = Uint8Array.of(1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 0, 80, 9, 9, 9, 9, 1, 0)
    expect(decodeCompactPeers(bytes, 4, 1, 'peers')).toEqual(E.right([{ host: '5.6.7.8', port: 80 }]))
    expect(decodeCompactPeers(bytes, 4, 9, 'peers')).toMatchObject(E.right({ length: 2 }))
  })
})

describe('encodeCompactPeers', () => {
  it('writes the addresses of its family alone', () => {
    const peers = [
      { host: 'example.com', port: 1 },
      { host: '1.2.3.4', port: 0x1ae1 },
      { host: '::1', port: 2 },
    ]
    expect([...encodeCompactPeers(peers, 4)]).toEqual([1, 2, 3, 4, 0x1a, 0xe1])
    expect([...encodeCompactPeers(peers, 16)]).toEqual([...new Uint8Array(15), 1, 0, 2])
  })
})
