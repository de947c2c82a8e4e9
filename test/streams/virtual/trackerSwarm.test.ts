import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import type { AnnounceRequest } from '../../../src/codecs/announce.js'
import { createPrng } from '../../../src/operators/random.js'
import { createTrackerSwarm } from '../../../src/streams/virtual/trackerSwarm.js'

const request = (port: number, left: number, event: AnnounceRequest['event']): AnnounceRequest => ({
  infohash: new Uint8Array(20),
  peerId: new Uint8Array(20),
  port,
  uploaded: 0,
  downloaded: 0,
  left,
  event,
  numWant: 0,
  key: 0,
  trackerId: undefined,
})

const announce = fc.record({
  port: fc.integer({ min: 1, max: 12 }),
  left: fc.nat(1),
  event: fc.constantFrom('started', 'completed', 'stopped', undefined),
})

describe('createTrackerSwarm', () => {
  test.prop([fc.array(announce, { maxLength: 60 }), fc.nat(60), fc.nat(15), fc.nat()])(
    'knows the peers that are in, and draws different others',
    (announces, expiry, count, seed) => {
      const swarm = createTrackerSwarm()
      const model = new Map<number, { left: number; at: number }>()
      announces.forEach(({ port, left, event }, at) => {
        swarm.note('h', request(port, left, event), at)
        if (event === 'stopped') model.delete(port)
        else model.set(port, { left, at })
      })
      swarm.expire(expiry)
      for (const [port, { at }] of model) if (at < expiry) model.delete(port)

      const seeds = [...model.values()].filter(({ left }) => left === 0).length
      expect([swarm.complete(), swarm.incomplete()]).toEqual([seeds, model.size - seeds])
      const ports = swarm.sample('h', 1, count, createPrng(seed)).map(({ port }) => port)
      const others = [...model.keys()].filter((port) => port !== 1)
      expect(ports).toHaveLength(Math.min(count, others.length))
      expect(new Set(ports).size).toBe(ports.length)
      for (const port of ports) expect(others).toContain(port)
    },
  )
})
