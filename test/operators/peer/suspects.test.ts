import { describe, expect, it } from 'vitest'
import {
  createSuspects,
  rememberDeparted,
  setSuspicion,
  suspicionOf,
} from '../../../src/operators/peer/suspects.js'
import type { BannedPeer } from '../../../src/operators/peer/ban.js'

const peer = (host: string, id: number, port = 1): BannedPeer => ({
  host,
  port,
  peerId: new Uint8Array(20).fill(id),
  direction: 'incoming',
})

describe('suspects', () => {
  it('are known by host and peer id, whatever the port', () => {
    const suspects = createSuspects()
    setSuspicion(suspects, peer('10.0.0.1', 1), 2)
    expect(suspicionOf(suspects, peer('10.0.0.1', 1, 9))).toBe(2)
    expect(suspicionOf(suspects, peer('10.0.0.2', 1))).toBe(0)
    expect(suspicionOf(suspects, peer('10.0.0.1', 2))).toBe(0)
  })

  it('are cleared by a count of none', () => {
    const suspects = createSuspects()
    setSuspicion(suspects, peer('10.0.0.1', 1), 1)
    setSuspicion(suspects, peer('10.0.0.1', 1), 0)
    expect(suspicionOf(suspects, peer('10.0.0.1', 1))).toBe(0)
    expect(suspects.counts.size).toBe(0)
  })

  it('are bounded, those who changed last being kept', () => {
    const suspects = createSuspects(2)
    setSuspicion(suspects, peer('a', 1), 1)
    setSuspicion(suspects, peer('b', 1), 1)
    setSuspicion(suspects, peer('a', 1), 2)
    setSuspicion(suspects, peer('c', 1), 1)
    expect(['a', 'b', 'c'].map((host) => suspicionOf(suspects, peer(host, 1)))).toEqual([2, 0, 1])
    for (let key = 0; key < 5; key++) rememberDeparted(suspects, key, peer('a', key))
    expect([...suspects.departed.keys()]).toEqual([3, 4])
  })
})
