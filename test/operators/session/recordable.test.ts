import { describe, expect, it } from 'vitest'
import type { SessionEvent } from '../../../src/operators/session/event.js'
import { recordable } from '../../../src/operators/session/recordable.js'

describe('recordable', () => {
  it('keeps nothing borrowed: payloads become zeros of the same length, other bytes are copied', () => {
    const range = { baseLayer: 0, index: 0, length: 2, proofLayers: 0 }
    const chunk = new Uint8Array(100).fill(7)
    const event: SessionEvent = {
      _tag: 'PeerBatch',
      at: 1,
      peer: 2,
      wireBytes: 100,
      messages: [
        { _tag: 'Bitfield', bits: chunk.subarray(0, 2) },
        { _tag: 'Extended', id: 0, payload: chunk.subarray(2, 5) },
        { _tag: 'Piece', piece: 3, begin: 4, payload: chunk.subarray(5, 50) },
        { _tag: 'Have', piece: 6 },
        { _tag: 'HashRequest', ...range, root: chunk.subarray(0, 32) },
        { _tag: 'Hashes', ...range, root: chunk.subarray(0, 32), hashes: chunk.subarray(32, 96) },
        { _tag: 'HashReject', ...range, root: chunk.subarray(0, 32) },
      ],
    }
    const kept = recordable(event)
    chunk.fill(0xaa)
    expect(kept).toEqual({
      ...event,
      messages: [
        { _tag: 'Bitfield', bits: Uint8Array.of(7, 7) },
        { _tag: 'Extended', id: 0, payload: Uint8Array.of(7, 7, 7) },
        { _tag: 'Piece', piece: 3, begin: 4, payload: new Uint8Array(45) },
        { _tag: 'Have', piece: 6 },
        { _tag: 'HashRequest', ...range, root: new Uint8Array(32).fill(7) },
        {
          _tag: 'Hashes',
          ...range,
          root: new Uint8Array(32).fill(7),
          hashes: new Uint8Array(64).fill(7),
        },
        { _tag: 'HashReject', ...range, root: new Uint8Array(32).fill(7) },
      ],
    })
  })

  it('takes the longest block that there is', () => {
    const messages = [{ _tag: 'Piece', piece: 0, begin: 0, payload: new Uint8Array(128 * 1024) }] as const
    const kept = recordable({ _tag: 'PeerBatch', at: 0, peer: 1, wireBytes: 1, messages })
    expect(kept).toMatchObject({ messages: [{ payload: { length: 128 * 1024 } }] })
  })

  it('leaves other events as they are', () => {
    const event: SessionEvent = { _tag: 'Tick', at: 5 }
    expect(recordable(event)).toBe(event)
  })
})
