import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromLatin1, toLatin1 } from '../../src/codecs/bytes.js'
import { decodeKrpc, encodeKrpc } from '../../src/codecs/krpc.js'
import { MAX_STORED_INFOHASHES, MAX_STORED_PEERS } from '../../src/codecs/limits.js'
import { DHT_LIMITS } from '../../src/operators/dht/limits.js'
import { createDhtModel, type DhtModel } from '../../src/operators/dht/model.js'
import { createPeerStore, storePeer } from '../../src/operators/dht/peerStore.js'
import { tokenFor } from '../../src/operators/dht/tokens.js'
import { dhtTurn } from '../../src/operators/dht/turn.js'
import { createPrng } from '../../src/operators/random.js'
import { DHT_CONFIG, TRANSACTION } from '../support/dhtFixture.js'
import { readVectors } from './support/corpus.js'

const MILLION = 1_000_000

const boundNode = (): DhtModel => {
  const model = createDhtModel(DHT_CONFIG, 0)
  dhtTurn(model, { _tag: 'Started', at: 0 })
  dhtTurn(model, { _tag: 'Bound', at: 0, home: 0, local: { host: '0.0.0.0', port: 6_881 } })
  return model
}

/** Each of these in a network of its own, and none of ours. */
const hostOf = (i: number): string =>
  `${String(20 + ((i >> 16) & 31))}.${String((i >> 8) & 255)}.${String(i & 255)}.1`

/** Torrents of a busy node, which have all their peers before the flood comes. */
const BUSY = MILLION / 2 / MAX_STORED_PEERS

/** The infohash of an announce: of the busy ones at first, then of one that nobody else knows of. */
const announced = (i: number): Uint8Array => {
  const infohash = new Uint8Array(20)
  new DataView(infohash.buffer).setUint32(0, i < MILLION / 2 ? Math.floor(i / MAX_STORED_PEERS) : i)
  return infohash
}

/** What is on the heap and behind it once all that is garbage is gone, in bytes. */
const liveBytes = (): number => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

describe('a million packets', () => {
  it('that were damaged never throw, and a query is answered once, all else never (R59)', () => {
    const { packets } = readVectors('bep5_krpc', t.type({ packets: t.record(t.string, t.string) }))
    const originals = Object.values(packets).map(fromLatin1)
    const random = createPrng(59)
    const model = boundNode()
    let answered = 0
    let told = 0
    for (let i = 0; i < MILLION; i++) {
      const whole = originals[i % originals.length]!.slice()
      for (let n = random.int(4); n >= 0; n--) whole[random.int(whole.length)] = random.int(256)
      const bytes = whole.subarray(0, whole.length - random.int(2) * random.int(whole.length))
      const { effects } = dhtTurn(model, {
        _tag: 'Received',
        // Slowly enough that what there is to say is within what may leave.
        at: i * 20,
        home: 0,
        from: { host: hostOf(i), port: 6_881 },
        bytes,
      })
      let answers = 0
      for (const effect of effects) {
        if (effect._tag !== 'Send') continue
        const sent = decodeKrpc(effect.bytes)
        if (E.isLeft(sent)) expect.fail('the node sent nonsense')
        else if (sent.right._tag !== 'KrpcQuery') {
          answers++
          if (sent.right._tag === 'KrpcError') told++
          if (effect.bytes.length > DHT_LIMITS.amplification * bytes.length) expect.fail('a lever')
        }
      }
      answered += answers
      if (answers > 1 || (answers === 1 && !toLatin1(bytes).includes('1:y1:q')))
        expect.fail(`answered ${toLatin1(bytes)}`)
    }
    expect(answered).toBeGreaterThan(50_000)
    expect(told).toBeGreaterThan(10_000)
  }, 600_000)

  it('of announces fill the store to its bound and not beyond (R63)', () => {
    const before = liveBytes()
    const store = createPeerStore()
    for (let i = 0; i < MILLION; i++) {
      storePeer(store, announced(i), { host: hostOf(i >> 4), port: 1 + (i % 60_000) }, i % 3 === 0, i)
    }
    expect(store.torrents.size).toBe(MAX_STORED_INFOHASHES)
    expect(store.single.size).toBeLessThanOrEqual(MAX_STORED_INFOHASHES)
    const counts = [...store.torrents.values()].map(({ n4, n6 }) => Math.max(n4.length, n6.length))
    expect(Math.max(...counts)).toBe(MAX_STORED_PEERS)
    // What a flood does not wash away.
    expect(counts.filter((count) => count === MAX_STORED_PEERS)).toHaveLength(BUSY)
    // Half a million addresses of 15 bytes with their times; the rest is generous.
    expect(liveBytes() - before).toBeLessThan(48 * 2 ** 20)
  }, 180_000)
})

describe('a node that is flooded with announces', () => {
  it('keeps nothing else of them either (R63)', () => {
    const model = boundNode()
    const before = liveBytes()
    for (let i = 0; i < 100_000; i++) {
      const source = Math.floor(i / 5)
      const host = hostOf(source)
      const infohash = announced(10 * i)
      const token = tokenFor(model.tokens, host, infohash)
      const body = { _tag: 'AnnouncePeer', infohash, port: 1 + (i % 60_000), token, seed: false } as const
      const query = { _tag: 'KrpcQuery', transaction: TRANSACTION, id: infohash, body } as const
      const at = Math.floor(source / (DHT_LIMITS.sources - 1)) * DHT_LIMITS.sourceMs
      if (at > model.now) dhtTurn(model, { _tag: 'Tick', at })
      dhtTurn(model, {
        _tag: 'Received',
        at,
        home: 0,
        from: { host, port: 6_881 },
        bytes: encodeKrpc(query),
      })
    }
    expect(model.peers.torrents.size).toBe(MAX_STORED_INFOHASHES)
    expect(model.limits.counts.size).toBeLessThanOrEqual(DHT_LIMITS.sources)
    expect(model.candidates.size).toBeLessThanOrEqual(DHT_LIMITS.candidates)
    expect(model.transactions.size).toBeLessThanOrEqual(DHT_LIMITS.transactions)
    expect(liveBytes() - before).toBeLessThan(32 * 2 ** 20)
  }, 180_000)
})
