import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import type { DhtNode } from '../../../src/codecs/compactNodes.js'
import type { PeerAddress } from '../../../src/codecs/peerAddress.js'
import { compareDistance } from '../../../src/operators/dht/distance.js'
import {
  closestAnswered,
  createLookup,
  isLookupDone,
  nextQueries,
  onAnswer,
  onSlow,
  onTimeout,
  stopLookup,
  type Lookup,
  type LookupOptions,
} from '../../../src/operators/dht/lookup.js'
import { createPrng, type Prng } from '../../../src/operators/random.js'
import { hostOf, nodeAt, randomId } from './nodes.js'

const target = new Uint8Array(20)
const ownId = new Uint8Array(20).fill(255)

/** A node at a distance: the smaller, the nearer. */
const at = (distance: number, n = distance): DhtNode => nodeAt(n, new Uint8Array(20).fill(distance, 0, 1))

const lookupOf = (nodes: ReadonlyArray<DhtNode>, more: Partial<LookupOptions> = {}): Lookup =>
  createLookup({ target, ownId, family: 'n4', nodes, ...more })

const hosts = (addresses: ReadonlyArray<PeerAddress>): ReadonlyArray<string> =>
  addresses.map(({ host }) => host)

const near = (all: ReadonlyArray<DhtNode>, id: Uint8Array, count = 8): ReadonlyArray<DhtNode> =>
  [...all].sort((a, b) => compareDistance(id, a.id, b.id)).slice(0, count)

interface Net {
  readonly nodes: ReadonlyArray<DhtNode>
  readonly answers: (node: DhtNode) => boolean
  /** What a node knows: some of its neighbours, and others. */
  readonly knows: ReadonlyMap<string, ReadonlyArray<DhtNode>>
}

const netOf = (prng: Prng, size: number, dead: number): Net => {
  const nodes = Array.from({ length: size }, (_, i) => nodeAt(i, randomId(prng)))
  const deadHosts = new Set(hosts(nodes.slice(1, 1 + dead)))
  const knows = nodes.map(({ host, id }) => {
    const others = nodes.filter((node) => node.host !== host)
    const random = others.filter(() => prng.next() < 24 / size)
    return [host, [...near(others, id, 12), ...random]] as const
  })
  return { nodes, answers: ({ host }) => !deadHosts.has(host), knows: new Map(knows) }
}

/** Runs a lookup to its end, in an order of chance. */
const run = (lookup: Lookup, net: Net, prng: Prng): void => {
  const open: PeerAddress[] = [...nextQueries(lookup)]
  while (open.length > 0) {
    const [asked] = open.splice(prng.int(open.length), 1)
    const node = net.nodes.find(({ host }) => host === asked!.host)!
    if (net.answers(node)) {
      onAnswer(lookup, asked!, { id: node.id, nodes: near(net.knows.get(node.host) ?? [], lookup.target) })
    } else if (prng.int(2) === 0) onSlow(lookup, asked!)
    else onTimeout(lookup, asked!)
    if (lookup.entries.some(({ host, state }) => host === asked!.host && state === 'slow')) open.push(asked!)
    for (const query of nextQueries(lookup)) open.push(query)
    expect(open.length).toBeLessThanOrEqual(lookup.queries)
  }
}

describe('a lookup', () => {
  test.prop([fc.nat(), fc.integer({ min: 30, max: 150 })], { numRuns: 30 })(
    'ends at the nearest nodes that answer',
    (seed, size) => {
      const prng = createPrng(seed)
      const net = netOf(prng, size, Math.floor(size / 10))
      const wanted = randomId(prng)
      const lookup = createLookup({ target: wanted, ownId, family: 'n4', nodes: net.nodes.slice(0, 1) })
      run(lookup, net, prng)
      expect(isLookupDone(lookup)).toBe(true)
      const found = closestAnswered(lookup).map(({ id }) => toHex(id))
      const living = near(net.nodes.filter(net.answers), wanted).map(({ id }) => toHex(id))
      // Each node knows its own neighbours only: the last of the eight may be one that nobody named.
      expect(found.slice(0, 3)).toEqual(living.slice(0, 3))
      expect(lookup.queries).toBeLessThanOrEqual(60)
    },
  )

  it('asks the nearest first, and never more than alpha at once', () => {
    const lookup = lookupOf([at(5), at(1), at(9), at(3), at(7)], { alpha: 3 })
    expect(hosts(nextQueries(lookup))).toEqual(hosts([at(1), at(3), at(5)]))
    expect(nextQueries(lookup)).toEqual([])
    onTimeout(lookup, at(3))
    expect(hosts(nextQueries(lookup))).toEqual(hosts([at(7)]))
    onAnswer(lookup, at(1), { id: at(1).id, nodes: [at(2)] })
    expect(hosts(nextQueries(lookup))).toEqual(hosts([at(2)]))
    expect(lookup.queries).toBe(5)
  })

  it('asks somebody else where one is slow, and still takes the late answer', () => {
    const lookup = lookupOf([at(1), at(2)], { alpha: 1 })
    expect(hosts(nextQueries(lookup))).toEqual(hosts([at(1)]))
    onSlow(lookup, at(1))
    expect(hosts(nextQueries(lookup))).toEqual(hosts([at(2)]))
    onAnswer(lookup, at(2), { id: at(2).id })
    expect(isLookupDone(lookup)).toBe(false)
    onTimeout(lookup, at(1))
    expect(isLookupDone(lookup)).toBe(true)
    onAnswer(lookup, at(1), { id: at(1).id, token: Uint8Array.of(1) })
    expect(closestAnswered(lookup).map(({ token }) => token)).toEqual([Uint8Array.of(1), undefined])
  })

  it('is done when the k nearest have answered, however many are known', () => {
    const lookup = lookupOf([at(1), at(2), at(3), at(4)], { k: 2 })
    expect(nextQueries(lookup)).toHaveLength(2)
    onAnswer(lookup, at(1), { id: at(1).id, nodes: [at(8), at(9)] })
    expect(isLookupDone(lookup)).toBe(false)
    onAnswer(lookup, at(2), { id: at(2).id })
    expect(nextQueries(lookup)).toEqual([])
    expect(isLookupDone(lookup)).toBe(true)
    expect(hosts(closestAnswered(lookup))).toEqual(hosts([at(1), at(2)]))
  })

  it('asks no more than maxQueries', () => {
    const lookup = lookupOf([at(100)], { maxQueries: 10 })
    let distance = 99
    for (let asked = nextQueries(lookup); asked.length > 0; asked = nextQueries(lookup)) {
      // Always a nearer one: who does so could keep it going for ever.
      for (const address of asked) {
        const entry = lookup.entries.find(({ host }) => host === address.host)!
        onAnswer(lookup, address, { id: entry.id, nodes: [at(distance--)] })
      }
    }
    expect(lookup.queries).toBe(10)
    expect(isLookupDone(lookup)).toBe(true)
  })

  it('begins at routers, which never count among the nearest', () => {
    const router = { host: hostOf(200), port: 6881 }
    const lookup = lookupOf([at(1)], { routers: [router], alpha: 1 })
    expect(hosts(nextQueries(lookup))).toEqual([router.host])
    onAnswer(lookup, router, { id: new Uint8Array(20), nodes: [at(2)], token: Uint8Array.of(1) })
    for (const node of [at(1), at(2)]) {
      expect(hosts(nextQueries(lookup))).toEqual([node.host])
      onAnswer(lookup, node, { id: node.id })
    }
    expect(hosts(closestAnswered(lookup))).toEqual(hosts([at(1), at(2)]))
  })

  it('takes the nodes of its own family', () => {
    const node6 = { id: at(2).id, host: '2600:1::1', port: 1 }
    const lookup = lookupOf([at(1)], { family: 'n6' })
    nextQueries(lookup)
    onAnswer(lookup, at(1), { id: at(1).id, nodes: [at(3)], nodes6: [node6] })
    expect(hosts(nextQueries(lookup))).toEqual([node6.host])
  })

  it('passes each value on once', () => {
    const lookup = lookupOf([at(1), at(2)])
    nextQueries(lookup)
    const peer = { host: '30.0.0.1', port: 1 }
    expect(onAnswer(lookup, at(1), { id: at(1).id, values: [peer, peer] })).toEqual([peer])
    const values = [peer, { host: '30.0.0.1', port: 2 }]
    expect(onAnswer(lookup, at(2), { id: at(2).id, values })).toEqual([values[1]])
  })

  it('can be stopped', () => {
    const lookup = lookupOf([at(1), at(2)], { alpha: 1 })
    nextQueries(lookup)
    stopLookup(lookup)
    onTimeout(lookup, at(1))
    expect(nextQueries(lookup)).toEqual([])
    expect(isLookupDone(lookup)).toBe(true)
  })

  it('with nobody to ask is done', () => {
    expect(isLookupDone(lookupOf([]))).toBe(true)
    expect(isLookupDone(lookupOf([nodeAt(1, ownId)]))).toBe(true)
  })
})

describe('a lookup among liars', () => {
  it('asks one node of a network, until it fails', () => {
    const sybils = Array.from({ length: 50 }, (_, i) => ({ ...at(1 + i), host: `40.0.0.${String(i)}` }))
    const lookup = lookupOf([at(60)])
    nextQueries(lookup)
    onAnswer(lookup, at(60), { id: at(60).id, nodes: sybils })
    expect(hosts(nextQueries(lookup))).toEqual(['40.0.0.0'])
    onTimeout(lookup, sybils[0]!)
    expect(nextQueries(lookup)).toEqual([])
    expect(isLookupDone(lookup)).toBe(true)
    onAnswer(lookup, sybils[0]!, { id: sybils[0]!.id, nodes: [sybils[1]!] })
    expect(hosts(closestAnswered(lookup))).toEqual(['40.0.0.0', at(60).host])
  })

  it('does not believe a node of the internet that it knows our networks', () => {
    const local = ['127.0.0.1', '192.168.1.1', '10.0.0.1', '169.254.169.254']
    const lookup = lookupOf([at(1)])
    nextQueries(lookup)
    const nodes = local.map((host, i) => ({ ...at(2 + i), host }))
    const values = local.map((host) => ({ host, port: 80 }))
    expect(onAnswer(lookup, at(1), { id: at(1).id, nodes, values })).toEqual([])
    expect(nextQueries(lookup)).toEqual([])
  })

  it('takes the word of a node on this machine for others on it', () => {
    const here = { ...at(1), host: '127.0.0.1' }
    const lookup = lookupOf([here])
    nextQueries(lookup)
    onAnswer(lookup, here, { id: here.id, nodes: [{ ...at(2), host: '127.0.0.1', port: 2 }] })
    expect(nextQueries(lookup)).toEqual([{ host: '127.0.0.1', port: 2 }])
  })

  it('does not count who answers by another id than it was told', () => {
    const lookup = lookupOf([at(9)])
    nextQueries(lookup)
    expect(onAnswer(lookup, at(9), { id: at(0).id, nodes: [at(1)], values: [at(3)] })).toEqual([])
    expect(closestAnswered(lookup)).toEqual([])
    expect(isLookupDone(lookup)).toBe(true)
  })

  it('passes over answers of those that it has not asked', () => {
    const lookup = lookupOf([at(1)])
    expect(onAnswer(lookup, at(1), { id: at(1).id, values: [at(2)] })).toEqual([])
    nextQueries(lookup)
    expect(onAnswer(lookup, at(5), { id: at(5).id, values: [at(2)] })).toEqual([])
    onAnswer(lookup, at(1), { id: at(1).id })
    expect(onAnswer(lookup, at(1), { id: at(1).id, values: [at(2)] })).toEqual([])
    onSlow(lookup, at(5))
    onTimeout(lookup, at(1))
    expect(closestAnswered(lookup)).toHaveLength(1)
  })

  it('keeps a bounded number of nodes and of values, the nearest and the first', () => {
    const prng = createPrng(3)
    const lookup = lookupOf([at(255, 60_000)])
    const heard: DhtNode[] = []
    for (let asked = nextQueries(lookup); asked.length > 0; asked = nextQueries(lookup)) {
      for (const { host, port } of asked) {
        const { id } = lookup.entries.find((entry) => entry.host === host)!
        const nodes = Array.from({ length: 32 }, (_, i) => nodeAt(heard.length + i, randomId(prng)))
        const values = Array.from({ length: 200 }, (_, i) => ({ host, port: 1 + i }))
        heard.push(...nodes)
        onAnswer(lookup, { host, port }, { id, nodes, values })
      }
    }
    expect(heard.length).toBeGreaterThan(300)
    expect(hosts(closestAnswered(lookup))).toEqual(hosts(near(heard, target)))
    expect(lookup.entries.length).toBeLessThanOrEqual(200)
    expect(lookup.byAddress.size).toBe(lookup.entries.length)
    expect(lookup.networks.size).toBe(lookup.entries.length)
    expect(lookup.values.size).toBe(Math.min(3_000, 200 * lookup.queries))
  })
})
