import { describe, expect, it } from 'vitest'
import type { PeerAddress } from '../../src/codecs/peerAddress.js'
import { createPrng } from '../../src/operators/random.js'
import type { SentDatagram } from '../../src/streams/virtual/datagrams.js'
import { createDhtNetwork, goodOf } from '../support/dhtNetwork.js'
import { rethrow } from '../support/rethrow.js'

const NODES = 200
const ROUNDS = 25

const isQuery = ({ bytes }: SentDatagram): boolean => Buffer.from(bytes).includes('1:y1:q')

const median = (numbers: ReadonlyArray<number>): number =>
  numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Infinity

describe('200 nodes', () => {
  it.each([0, 0.1])(
    'find a peer in at most 20 queries as a rule, of every packet %f lost',
    (lossChance) => {
      const network = createDhtNetwork({ seed: 1, datagrams: { latencyMs: 30, jitterMs: 20, lossChance } })
      const nodes = network.populate(NODES)
      // Who loses its first packet tries again ten seconds later.
      network.clock.advanceBy(lossChance === 0 ? 15_000 : 45_000)
      const inside = nodes.filter((node) => goodOf(node) > 4)
      expect(inside.length).toBeGreaterThanOrEqual(lossChance === 0 ? NODES : 0.95 * NODES)

      const prng = createPrng(7)
      const counts: number[] = []
      let seeking: string | undefined
      let queries = 0
      const watching = network.datagrams.sent$.subscribe({
        next: (datagram) => {
          if (datagram.from.host === seeking && isQuery(datagram)) queries++
        },
        error: rethrow,
      })
      for (let round = 0; round < ROUNDS; round++) {
        const infohash = Uint8Array.from({ length: 20 }, () => prng.int(256))
        const [announcer, seeker] = [nodes[prng.int(NODES)]!, nodes[prng.int(NODES)]!]
        let isAnnounced = false
        announcer.dht
          .announce(infohash, 7_000)
          .subscribe({ error: rethrow, complete: () => (isAnnounced = true) })
        network.clock.run(() => isAnnounced, 60_000)

        const found: PeerAddress[] = []
        let isOver = false
        queries = 0
        seeking = seeker.address.host
        seeker.dht
          .lookup(infohash)
          .subscribe({ next: (peer) => found.push(peer), error: rethrow, complete: () => (isOver = true) })
        network.clock.run(() => isOver, 60_000)
        seeking = undefined
        expect(found).toContainEqual({ host: announcer.address.host, port: 7_000 })
        // Of the whole search, up to the last of the nearest.
        counts.push(queries)
      }
      expect(median(counts)).toBeLessThanOrEqual(20)
      watching.unsubscribe()
      for (const { subscription } of nodes) subscription.unsubscribe()
      expect(network.datagrams.openPorts()).toBe(0)
    },
    60_000,
  )
})
