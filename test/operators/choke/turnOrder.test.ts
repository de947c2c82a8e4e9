import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { turnOrder } from '../../../src/operators/choke/turnOrder.js'
import { anyRound } from './arbitraries.js'
import { chokePeer } from './rounds.js'

const keys = (...peers: Parameters<typeof turnOrder>[0]): number[] => turnOrder(peers).map(({ key }) => key)

describe('turnOrder', () => {
  it('begins with whose turn is longest ago', () => {
    expect(
      keys(
        chokePeer(1, { unchokedAt: 30 }),
        chokePeer(2, { connectedAt: 20 }),
        chokePeer(3, { connectedAt: 5, unchokedAt: 10 }),
        chokePeer(4, { unchokedAt: 15, amChoking: false }),
      ),
    ).toEqual([3, 4, 2, 1])
  })

  it('puts who never had a turn before who had one', () => {
    expect(keys(chokePeer(1, { unchokedAt: 10 }), chokePeer(2, { connectedAt: 10 }))).toEqual([2, 1])
  })

  it('orders by arrival those who began together', () => {
    const began = { unchokedAt: 100 }
    expect(
      keys(
        chokePeer(5, { ...began, connectedAt: 3 }),
        chokePeer(7, began),
        chokePeer(6, began),
        chokePeer(9),
        chokePeer(1, { connectedAt: 4 }),
        chokePeer(2, { connectedAt: 5 }),
      ),
    ).toEqual([9, 1, 2, 6, 7, 5])
  })

  it('sees where a row went over the end', () => {
    const later = [2, 3, 4].map((key) => chokePeer(key, { unchokedAt: 200 }))
    const began = [0, 1, 5, 6].map((key) => chokePeer(key, { unchokedAt: 100 }))
    expect(keys(...began, ...later)).toEqual([5, 6, 0, 1, 2, 3, 4])
  })

  test.prop([anyRound])('leaves nobody out', ({ peers }) => {
    expect(keys(...peers).toSorted((a, b) => a - b)).toEqual(peers.map(({ key }) => key))
  })

  test.prop([fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 12 }), fc.nat(200)])(
    'moves on as a queue does',
    (count, seats, rounds) => {
      const queue = Array.from({ length: count }, (_, key) => key)
      let peers = queue.map((key) => chokePeer(key))
      for (let now = 1; now <= rounds; now++) {
        expect(keys(...peers)).toEqual(queue)
        const next = queue.splice(0, seats % count)
        for (const key of next) queue.push(key)
        peers = peers.map((peer) => (next.includes(peer.key) ? { ...peer, unchokedAt: now } : peer))
      }
    },
  )
})
