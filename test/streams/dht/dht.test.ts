import { type Observable, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { fromLatin1, toHex } from '../../../src/codecs/bytes.js'
import { type DhtItem, type MutableItem, signItem, targetOf } from '../../../src/codecs/dhtItem.js'
import { publicKeyOf } from '../../../src/codecs/ed25519.js'
import { encodeTorrentValue } from '../../../src/codecs/mutableTorrent.js'
import { isNodeIdOf } from '../../../src/codecs/nodeId.js'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { DHT_LIMITS } from '../../../src/operators/dht/limits.js'
import { replayDht } from '../../../src/operators/dht/replayDht.js'
import { createDht } from '../../../src/streams/dht/dht.js'
import type { DhtStore } from '../../../src/streams/dht/dhtDeps.js'
import { createDhtNetwork, type DhtNetwork, goodOf, type VirtualDht } from '../../support/dhtNetwork.js'
import { rethrow } from '../../support/rethrow.js'

const infohash = new Uint8Array(20).fill(5)
const seed = new Uint8Array(32).fill(3)

interface Scene {
  readonly network: DhtNetwork
  readonly nodes: ReadonlyArray<VirtualDht>
  /** All that a search comes to, once it is over. */
  readonly all: <A>(search$: Observable<A>) => ReadonlyArray<A>
}

const scene = (count = 30, seedOfAll = 1): Scene => {
  const network = createDhtNetwork({ seed: seedOfAll })
  const nodes = network.populate(count)
  network.clock.advanceBy(30_000)
  return {
    network,
    nodes,
    all: (search$) => {
      const seen: (typeof search$ extends Observable<infer A> ? A : never)[] = []
      let isOver = false
      search$.subscribe({
        next: (value) => seen.push(value),
        error: rethrow,
        complete: () => (isOver = true),
      })
      if (!network.clock.run(() => isOver, 120_000)) throw new Error('the search does not end')
      return seen
    },
  }
}

describe('a DHT node', () => {
  it('opens nothing before it is subscribed to, and closes all when it is left', () => {
    const network = createDhtNetwork({ seed: 1 })
    const dht = createDht(
      {
        datagrams: network.datagrams.host(['20.1.1.1']),
        clock: network.clock,
        random: { bytes: (n) => new Uint8Array(n) },
      },
      { addresses: [{ family: 4, port: 0 }] },
    )
    network.clock.advanceBy(1_000)
    expect(network.datagrams.openPorts()).toBe(0)
    const subscription = dht.state$.subscribe({ error: rethrow })
    network.clock.advanceBy(1_000)
    expect(network.datagrams.openPorts()).toBe(1)
    subscription.unsubscribe()
    expect(network.datagrams.openPorts()).toBe(0)
    network.clock.advanceBy(60_000)
    expect(network.clock.pending()).toBe(0)
  })

  it('joins, tells so once, and knows many', () => {
    const { nodes } = scene()
    for (const node of nodes) {
      expect(goodOf(node)).toBeGreaterThan(8)
      expect(node.notices.filter(({ _tag }) => _tag === 'DhtBootstrapped')).toHaveLength(1)
      expect(node.state().isBootstrapped).toBe(true)
    }
  })

  it('takes the id that its address lets it have, as others see it (BEP 42)', () => {
    for (const { state, address } of scene().nodes) {
      const [home] = state().homes
      expect(home?.externalHost).toEqual(O.some(address.host))
      expect(isNodeIdOf(home?.nodeId ?? new Uint8Array(), address.host)).toBe(true)
    }
  })

  it('says that nobody answers, and goes on when somebody does', () => {
    const network = createDhtNetwork({ seed: 2 })
    const alone = network.join({
      address: '20.1.1.1',
      options: { bootstrap: [{ host: '20.2.1.1', port: 6_881 }] },
    })
    network.clock.advanceBy(20_000)
    expect(alone.notices.map(({ _tag }) => _tag)).toEqual(['DhtListening', 'DhtBootstrapFailed'])
    network.join({ address: '20.2.1.1' })
    network.clock.advanceBy(60_000)
    expect(alone.notices.at(-1)?._tag).toBe('DhtBootstrapped')
  })

  it('looks names up again when they stood for nothing', () => {
    const network = createDhtNetwork({ seed: 8 })
    network.populate(6)
    let isOnline = false
    let lookUps = 0
    const node = network.join({
      address: '31.1.1.1',
      options: { bootstrap: [{ host: 'dht.example', port: 6_881 }] },
      deps: {
        lookUp: () => {
          lookUps++
          return of(isOnline ? ['20.1.7.1'] : [])
        },
      },
    })
    network.clock.advanceBy(60_000)
    expect(node.state().isBootstrapped).toBe(false)
    expect(lookUps).toBeGreaterThan(2)
    expect(lookUps).toBeLessThan(10)
    isOnline = true
    network.clock.advanceBy(120_000)
    expect(node.state().isBootstrapped).toBe(true)
    expect(node.notices.map(({ _tag }) => _tag)).toContain('DhtBootstrapFailed')
  })

  it('lives the same life again from its log', () => {
    const network = createDhtNetwork({ seed: 3 })
    network.populate(12)
    const recorded = network.join({
      address: '30.1.1.1',
      options: { bootstrap: [{ host: '20.1.7.1', port: 6_881 }] },
      isRecorded: true,
    })
    recorded.dht.announce(infohash, 1).subscribe({ error: rethrow })
    network.clock.advanceBy(400_000)
    const config = recorded.config()
    if (config === undefined) throw new Error('it has not started')
    const lives = [0, 1].map(() => [...replayDht(config, recorded.log)])
    expect(lives[0]!.length).toBeGreaterThan(500)
    expect(lives[0]).toEqual(lives[1])
    expect(lives[0]!.at(-1)?.state.totals).toEqual(recorded.state().totals)
  })
})

describe('a search', () => {
  it('finds who has announced, each once, whoever asks', () => {
    const { nodes, all } = scene()
    expect(all(nodes[3]!.dht.announce(infohash, 7_000))).toEqual([])
    const peer = { host: nodes[3]!.address.host, port: 7_000 }
    expect(all(nodes[4]!.dht.announce(infohash, 7_001))).toEqual([peer])
    for (const node of nodes.slice(10, 15)) {
      expect(all(node.dht.lookup(infohash)).toSorted((a, b) => a.port - b.port)).toEqual([
        peer,
        { host: nodes[4]!.address.host, port: 7_001 },
      ])
    }
  })

  it('begins a node of its own where there is none, and ends without one', () => {
    const { network, nodes, all } = scene()
    all(nodes[0]!.dht.announce(infohash, 7_000))
    const late = createDht(
      {
        datagrams: network.datagrams.host(['33.1.1.1']),
        clock: network.clock,
        random: { bytes: (n) => new Uint8Array(n).fill(4) },
      },
      { addresses: [{ family: 4, port: 0 }], bootstrap: [nodes[5]!.address] },
    )
    expect(all(late.lookup(infohash))).toEqual([{ host: nodes[0]!.address.host, port: 7_000 }])
    expect(network.datagrams.openPorts('33.1.1.1')).toBe(0)
  })

  it('of nobody, with nobody, ends empty', () => {
    const network = createDhtNetwork({ seed: 1 })
    const alone = network.join({ address: '20.1.1.1' })
    let isOver = false
    alone.dht.lookup(infohash).subscribe({ error: rethrow, complete: () => (isOver = true) })
    network.clock.advanceBy(20_000)
    expect(isOver).toBe(true)
  })

  it('asks nobody any more once it is left', () => {
    const { network, nodes } = scene()
    const subscription = nodes[1]!.dht.lookup(infohash).subscribe({ error: rethrow })
    expect(nodes[1]!.state().searches).toBeLessThanOrEqual(1)
    subscription.unsubscribe()
    const sent = nodes[1]!.state().totals.queriesSent
    network.clock.advanceBy(2_000)
    expect(nodes[1]!.state().totals.queriesSent - sent).toBeLessThanOrEqual(6)
    expect(nodes[1]!.state().searches).toBe(0)
  })

  it('waits its turn where many are asked for at once', () => {
    const { nodes, all, network } = scene()
    all(nodes[0]!.dht.announce(infohash, 7_000))
    const found: PeerAddress[] = []
    let over = 0
    for (let i = 0; i < 100; i++) {
      nodes[7]!.dht
        .lookup(infohash)
        .subscribe({ next: (peer) => found.push(peer), error: rethrow, complete: () => over++ })
    }
    network.clock.advanceBy(500)
    expect(nodes[7]!.state()).toMatchObject({ searches: DHT_LIMITS.tasks })
    expect(nodes[7]!.state().waiting).toBeGreaterThan(0)
    expect(network.clock.run(() => over === 100, 300_000)).toBe(true)
    // Who is asked too often does not answer: so it is with strangers.
    expect(found.length).toBeGreaterThan(80)
  })

  it('refuses what is no target, no key and no port at the call', () => {
    const { dht } = scene(1).nodes[0]!
    expect(() => dht.lookup(new Uint8Array(19))).toThrow(TypeError)
    expect(() => dht.get({ publicKey: new Uint8Array(31) })).toThrow(TypeError)
    expect(() => dht.announce(infohash, 65_536)).toThrow(TypeError)
  })
})

describe('what is stored (BEP 44)', () => {
  it('is found by its hash', () => {
    const { nodes, all } = scene()
    const item: DhtItem = { _tag: 'ImmutableItem', v: fromLatin1('5:hello') }
    const [put] = all(nodes[2]!.dht.put(item))
    expect(put).toMatchObject({ target: targetOf(item), refusals: [] })
    expect(put?.stored).toBeGreaterThanOrEqual(6)
    expect(all(nodes[20]!.dht.get(targetOf(item)))).toEqual([item])
    expect(all(nodes[20]!.dht.get(infohash))).toEqual([])
    expect(all(nodes[20]!.dht.find(targetOf(item)))).toEqual([{ _tag: 'ItemFound', item }])
  })

  it('is told from what nobody has, and both from a network in which nobody answers', () => {
    const { nodes, all, network } = scene(8)
    const found = all(nodes[2]!.dht.find(infohash))
    expect(found).toMatchObject([{ _tag: 'ItemNotFound' }])
    expect(found).not.toMatchObject([{ answers: 0 }])
    const alone = network.join({
      address: '90.1.1.1',
      options: { bootstrap: [{ host: '90.2.1.1', port: 6_881 }] },
    })
    expect(all(alone.dht.find(infohash))).toMatchObject([{ _tag: 'NobodyAnswered' }])
    const [put] = all(alone.dht.put({ _tag: 'ImmutableItem', v: fromLatin1('5:hello') }))
    expect(put).toMatchObject({ answers: 0, stored: 0 })
  })

  it('is found by its key, the newest last, and replaced by the owner alone', () => {
    const { nodes, all } = scene()
    const version = (seq: number): MutableItem =>
      signItem({ seed, salt: fromLatin1('s'), seq, v: fromLatin1(`i${String(seq)}e`) })
    all(nodes[2]!.dht.put(version(1)))
    all(nodes[3]!.dht.put(version(2), { cas: 1 }))
    const of = { publicKey: publicKeyOf(seed), salt: fromLatin1('s') }
    expect(all(nodes[20]!.dht.get(of)).at(-1)).toEqual(version(2))
    const [late] = all(nodes[4]!.dht.put(version(1)))
    expect(late?.refusals).toContain(302)
    const [forged] = all(nodes[4]!.dht.put({ ...version(3), sig: new Uint8Array(64) }))
    expect(forged).toMatchObject({ stored: 0, refusals: [206] })
  })

  it('leads to each torrent of a key in turn (BEP 46)', () => {
    const { nodes, all, network } = scene()
    const put = (seq: number, byte: number): void => {
      const v = encodeTorrentValue(new Uint8Array(20).fill(byte))
      all(nodes[2]!.dht.put(signItem({ seed, seq, v })))
    }
    put(1, 0xaa)
    const seen: string[] = []
    const subscription = nodes[9]!.dht
      .mutableTorrent(publicKeyOf(seed))
      .subscribe({ next: (torrent) => seen.push(toHex(torrent).slice(0, 2)), error: rethrow })
    network.clock.advanceBy(60_000)
    put(2, 0xaa)
    network.clock.advanceBy(16 * 60_000)
    put(3, 0xbb)
    network.clock.advanceBy(16 * 60_000)
    expect(seen).toEqual(['aa', 'bb'])
    subscription.unsubscribe()
  })
})

describe('what others hold', () => {
  it('is counted (BEP 33)', () => {
    const { nodes, all, network } = scene()
    for (const [i, { dht }] of nodes.slice(0, 12).entries()) {
      all(dht.announce(infohash, 7_000, { seed: i < 5 }))
      network.clock.advanceBy(2_000)
    }
    const [scrape] = all(nodes[20]!.dht.scrape(infohash))
    expect(scrape).toMatchObject({ seeds: 5, peers: 7 })
    expect(all(nodes[20]!.dht.scrape(new Uint8Array(20)))).toEqual([])
  })

  it('is sampled (BEP 51)', () => {
    const { nodes, all } = scene()
    all(nodes[0]!.dht.announce(infohash, 7_000))
    const samples = all(nodes[20]!.dht.sample(infohash))
    expect(samples.length).toBeGreaterThan(5)
    const held = samples.flatMap(({ infohashes }) => infohashes)
    expect(held.map(toHex)).toContain(toHex(infohash))
    for (const { intervalSeconds } of samples) expect(intervalSeconds).toBeGreaterThan(0)
  })
})

describe('two networks', () => {
  const dual = (network: DhtNetwork, i: number): VirtualDht =>
    network.join({
      address: `20.${String(i)}.1.1`,
      address6: `2a0${String(i)}::1`,
      options: { bootstrap: i === 1 ? [] : [{ host: '20.1.1.1', port: 6_881 }] },
    })

  it('are joined from one of them (BEP 32), and searched both', () => {
    const network = createDhtNetwork({ seed: 4 })
    // The first two know each other in both.
    const nodes = [1, 2, 3, 4, 5, 6, 7, 8].map((i) => dual(network, i))
    nodes[1]!.dht.addNodes([{ host: '2a01::1', port: 6_881 }])
    network.clock.advanceBy(120_000)
    expect(nodes.map(({ state }) => state().homes.map(({ isBootstrapped }) => isBootstrapped))).toEqual(
      nodes.map(() => [true, true]),
    )
    const found: string[] = []
    nodes[3]!.dht.announce(infohash, 7_000).subscribe({ error: rethrow })
    network.clock.advanceBy(10_000)
    nodes[6]!.dht.lookup(infohash).subscribe({ next: ({ host }) => found.push(host), error: rethrow })
    network.clock.advanceBy(10_000)
    expect(found.toSorted()).toEqual(['20.4.1.1', '2a04::1'])
  })
})

describe('several addresses (BEP 45)', () => {
  it('are nodes of their own', () => {
    const network = createDhtNetwork({ seed: 6 })
    const nodes = network.populate(10)
    const many = network.join({
      address: '40.1.1.1',
      options: {
        addresses: [
          { family: 4, port: 6_881 },
          { family: 4, port: 6_882 },
        ],
        bootstrap: [nodes[0]!.address],
      },
    })
    network.clock.advanceBy(30_000)
    const [a, b] = many.state().homes
    expect(a?.good).toBeGreaterThan(4)
    expect(b?.good).toBeGreaterThan(4)
    expect(a?.nodeId).not.toEqual(b?.nodeId)
  })
})

describe('the routing table', () => {
  const memoryStore = (): DhtStore & { saved: Uint8Array | undefined } => {
    const store: DhtStore & { saved: Uint8Array | undefined } = {
      saved: undefined,
      load: () => of(E.right(O.fromNullable(store.saved))),
      save: (bytes) => {
        store.saved = bytes
        return of(E.right(undefined))
      },
    }
    return store
  }

  it('is kept: the next start needs no bootstrap host, and has the same id', () => {
    const { network, nodes } = scene()
    const store = memoryStore()
    const join = (bootstrap: ReadonlyArray<PeerAddress>): VirtualDht =>
      network.join({ address: '41.1.1.1', options: { bootstrap }, deps: { store } })
    const first = join([nodes[0]!.address])
    network.clock.advanceBy(60_000)
    const [before] = first.state().homes
    first.subscription.unsubscribe()
    expect(store.saved).toBeDefined()
    const second = join([])
    network.clock.advanceBy(10_000)
    const [after] = second.state().homes
    expect(after?.nodeId).toEqual(before?.nodeId)
    expect(after?.good).toBeGreaterThan(8)
  })

  it('that is damaged is told of, and done without', () => {
    const { network, nodes } = scene()
    const store = memoryStore()
    store.saved = fromLatin1('d5:homes')
    const node = network.join({
      address: '42.1.1.1',
      options: { bootstrap: [nodes[0]!.address] },
      deps: { store },
    })
    network.clock.advanceBy(20_000)
    expect(node.notices.map(({ _tag }) => _tag)).toContain('DhtTableRejected')
    expect(node.state().isBootstrapped).toBe(true)
  })
})
