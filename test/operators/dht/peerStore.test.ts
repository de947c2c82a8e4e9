import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import { estimateSize } from '../../../src/codecs/scrapeBloom.js'
import {
  createPeerStore,
  expirePeers,
  infohashCount,
  sampleInfohashes,
  samplePeers,
  scrapeFilters,
  storePeer,
} from '../../../src/operators/dht/peerStore.js'
import { createPrng } from '../../../src/operators/random.js'
import { anyAddress } from '../../codecs/krpc/arbitraries.js'
import { hostOf } from './nodes.js'

const MINUTE = 60_000
const random = createPrng(1)
const infohash = (n: number): Uint8Array =>
  Uint8Array.from({ length: 20 }, (_, i) => (i < 3 ? n >> (8 * i) : 9))
const peer = (n: number) => ({ host: hostOf(n), port: 6881 })
const all = { family: 'n4', max: 1_000 } as const

describe('the store of announced peers', () => {
  test.prop([
    fc.uniqueArray(anyAddress(4), { selector: ({ host }) => host, maxLength: 20 }),
    fc.array(anyAddress(16)),
  ])('gives back what was announced, by family', (peers, peers6) => {
    const store = createPeerStore()
    for (const address of [...peers, ...peers6]) storePeer(store, infohash(1), address, false, 0)
    const given = samplePeers(store, infohash(1), all, 0, random)
    expect(new Set(given.map(({ host }) => host))).toEqual(new Set(peers.map(({ host }) => host)))
    for (const address of samplePeers(store, infohash(1), { ...all, family: 'n6' }, 0, random)) {
      expect(peers6).toContainEqual(address)
    }
    expect(samplePeers(store, infohash(2), all, 0, random)).toEqual([])
  })

  it('gives as many as fit, others each time, and no seeds to a seed', () => {
    const store = createPeerStore()
    for (let n = 0; n < 100; n++) storePeer(store, infohash(1), peer(n), n < 50, 0)
    const seen = new Set<string>()
    for (let i = 0; i < 200; i++) {
      const sample = samplePeers(store, infohash(1), { ...all, max: 10 }, 0, random)
      expect(new Set(sample.map(({ host }) => host)).size).toBe(10)
      for (const { host } of sample) seen.add(host)
    }
    expect(seen.size).toBe(100)
    expect(samplePeers(store, infohash(1), { ...all, noSeed: true }, 0, random)).toHaveLength(50)
  })

  it('forgets a peer after half an hour, and its torrent with the last one', () => {
    const store = createPeerStore()
    storePeer(store, infohash(1), peer(1), false, 0)
    storePeer(store, infohash(1), peer(2), false, 10 * MINUTE)
    expect(samplePeers(store, infohash(1), all, 31 * MINUTE, random)).toEqual([peer(2)])
    storePeer(store, infohash(1), peer(1), false, 35 * MINUTE)
    expirePeers(store, 41 * MINUTE)
    expect(samplePeers(store, infohash(1), all, 41 * MINUTE, random)).toEqual([peer(1)])
    expirePeers(store, 66 * MINUTE)
    expect(infohashCount(store)).toBe(0)
    expect(store.single.size).toBe(0)
  })

  it('keeps the latest 500 peers of a torrent (R63)', () => {
    const store = createPeerStore()
    for (let n = 0; n < 2_000; n++) storePeer(store, infohash(1), peer(n), false, n)
    const kept = samplePeers(store, infohash(1), all, 2_000, random)
    expect(new Set(kept.map(({ host }) => host))).toEqual(
      new Set(Array.from({ length: 500 }, (_, i) => hostOf(1_500 + i))),
    )
  })

  it('keeps 2 000 torrents, those with more than one peer rather than a flood of others (R63)', () => {
    const store = createPeerStore()
    for (let n = 0; n < 2; n++) storePeer(store, infohash(0), peer(n), false, 0)
    for (let n = 1; n < 5_000; n++) storePeer(store, infohash(n), peer(n), false, n)
    expect(infohashCount(store)).toBe(2_000)
    expect(store.single.size).toBe(1_999)
    expect(samplePeers(store, infohash(0), all, 0, random)).toHaveLength(2)
    expect(samplePeers(store, infohash(4_999), all, 0, random)).toHaveLength(1)
    expect(samplePeers(store, infohash(1), all, 0, random)).toEqual([])
  })

  it('gives up the torrent longest without an announce where all have many peers', () => {
    const store = createPeerStore(3, 10)
    for (const torrent of [1, 2, 3, 1, 2, 3, 1, 4])
      storePeer(store, infohash(torrent), peer(infohashCount(store) + torrent), false, 0)
    for (let n = 0; n < 2; n++) storePeer(store, infohash(5), peer(50 + n), false, 0)
    expect(infohashCount(store)).toBe(3)
    expect(store.torrents.has(toHex(infohash(5)))).toBe(true)
  })

  it('tells the size of a swarm by its filters (BEP 33)', () => {
    const store = createPeerStore()
    expect(scrapeFilters(store, infohash(1), 0)).toBeUndefined()
    for (let n = 0; n < 300; n++) storePeer(store, infohash(1), peer(n), n < 100, 0)
    storePeer(store, infohash(1), { host: '2600:1::1', port: 1 }, true, 0)
    const filters = scrapeFilters(store, infohash(1), 0)!
    expect(Math.abs(estimateSize(filters.BFsd) - 101)).toBeLessThan(10)
    expect(Math.abs(estimateSize(filters.BFpe) - 200)).toBeLessThan(20)
  })

  it('gives samples of its infohashes (BEP 51)', () => {
    const store = createPeerStore()
    for (let n = 0; n < 60; n++) storePeer(store, infohash(n), peer(n), false, 0)
    const names = sampleInfohashes(store, 20, random).map(toHex)
    expect(new Set(names).size).toBe(20)
    expect(names.every((name) => store.torrents.has(name))).toBe(true)
    expect(sampleInfohashes(store, 100, random)).toHaveLength(60)
  })

  it('passes over host names', () => {
    const store = createPeerStore()
    storePeer(store, infohash(1), { host: 'localhost', port: 1 }, false, 0)
    expect(infohashCount(store)).toBe(0)
  })
})
