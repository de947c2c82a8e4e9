import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import type { DhtNode } from '../../../src/codecs/compactNodes.js'
import { compareDistance, sharedPrefix } from '../../../src/operators/dht/distance.js'
import { nodeState, type RoutingTable } from '../../../src/operators/dht/routingModel.js'
import {
  closest,
  createRoutingTable,
  knownNodes,
  nodeAnswered,
  nodeAsked,
  nodeFailed,
  nodesInQuestion,
  restoreNodes,
  withOwnId,
} from '../../../src/operators/dht/routingTable.js'
import { createPrng } from '../../../src/operators/random.js'
import { anyId, hostOf, idAt, nodeAt, randomId, verifiedNode } from './nodes.js'

const MINUTE = 60_000
const own = new Uint8Array(20)
const size = (table: RoutingTable): number => table.byId.size

/** `count` nodes in the bucket of those that share no bit with us. */
const farNodes = (count: number, from = 0): ReadonlyArray<DhtNode> =>
  Array.from({ length: count }, (_, i) => nodeAt(from + i, idAt(own, 0, createPrng(from + i))))

/** A table of which the bucket that is farthest away is full, and is not the last one. */
const fullTable = (): { readonly table: RoutingTable; readonly far: ReadonlyArray<DhtNode> } => {
  const table = createRoutingTable(own, 0)
  const far = farNodes(8)
  for (const node of [...far, nodeAt(100, idAt(own, 5))]) nodeAnswered(table, node, 0)
  return { table, far }
}

const fail = (table: RoutingTable, node: DhtNode, times: number, now = 0): void => {
  for (let i = 0; i < times; i++) nodeFailed(table, node, now)
}

/** What must be true of every table. */
const check = (table: RoutingTable): void => {
  const nodes = table.buckets.flatMap((bucket) => bucket.nodes)
  expect(nodes.length).toBe(table.byId.size)
  expect(nodes.length).toBe(table.byAddress.size)
  table.buckets.forEach((bucket, i) => {
    expect(bucket.nodes.length).toBeLessThanOrEqual(8)
    expect(bucket.waiting.length).toBeLessThanOrEqual(8)
    const networks = bucket.nodes.flatMap(({ network }) => network ?? [])
    expect(new Set(networks).size).toBe(networks.length)
    const isLast = i === table.buckets.length - 1
    for (const node of [...bucket.nodes, ...bucket.waiting]) {
      const shared = sharedPrefix(own, node.id)
      expect(isLast ? shared >= i : shared === i).toBe(true)
    }
  })
}

const anyNode = fc.record({
  id: fc.tuple(fc.nat({ max: 30 }), fc.nat()).map(([bits, seed]) => idAt(own, bits, createPrng(seed))),
  host: fc.nat({ max: 40 }).map((n) => `20.0.${String(n >> 2)}.${String(n & 3)}`),
  port: fc.constantFrom(1, 2),
})

const anyStep = fc.record({
  what: fc.constantFrom('answered', 'asked', 'failed', 'restored'),
  node: anyNode,
  ms: fc.nat({ max: 5 * MINUTE }),
})

describe('a routing table', () => {
  test.prop([fc.array(anyStep, { maxLength: 200 })])('keeps its rules, whatever happens', (steps) => {
    const table = createRoutingTable(own, 0)
    let now = 0
    for (const { what, node, ms } of steps) {
      now += ms
      if (what === 'answered') nodeAnswered(table, node, now)
      else if (what === 'asked') {
        if (nodeAsked(table, node, now)) expect(nodeAnswered(table, node, now)).toBe('added')
      } else if (what === 'failed') nodeFailed(table, node, now)
      else restoreNodes(table, [node], now)
      nodesInQuestion(table, now)
    }
    check(table)
    check(withOwnId(table, own, now))
  })

  test.prop([fc.nat(), anyId])('names the nearest of those that it has', (seed, target) => {
    const prng = createPrng(seed)
    const table = createRoutingTable(own, 0)
    for (let i = 0; i < 300; i++) nodeAnswered(table, nodeAt(i, randomId(prng)), i)
    const ids = [...table.byId.values()].map(({ id }) => id)
    const nearest = closest(table, target, 8, 300).map(({ id }) => toHex(id))
    expect(nearest).toEqual(
      ids
        .sort((a, b) => compareDistance(target, a, b))
        .slice(0, 8)
        .map(toHex),
    )
    expect(nearest).toHaveLength(8)
  })

  it('splits only the bucket around its own id', () => {
    const table = createRoutingTable(own, 0)
    for (const node of farNodes(8)) expect(nodeAnswered(table, node, 0)).toBe('added')
    expect(table.buckets).toHaveLength(1)
    expect(nodeAnswered(table, nodeAt(50, idAt(own, 3)), 0)).toBe('added')
    expect(table.buckets.length).toBeGreaterThan(1)
    expect(nodeAnswered(table, farNodes(1, 60)[0]!, 0)).toBe('waiting')
    expect(size(table)).toBe(9)
  })

  it('takes in neither itself nor half an id', () => {
    const table = createRoutingTable(own, 0)
    expect(nodeAnswered(table, nodeAt(1, own), 0)).toBe('refused')
    expect(nodeAnswered(table, nodeAt(1, own.subarray(1)), 0)).toBe('refused')
    expect(nodeAsked(table, nodeAt(1, own), 0)).toBe(false)
  })

  it('calls a node good for 15 minutes after its last sign of life', () => {
    const table = createRoutingTable(own, 0)
    const [node] = farNodes(1)
    nodeAnswered(table, node!, 0)
    const known = table.byAddress.get(`${node!.host} 6881`)!
    expect(nodeState(known, 15 * MINUTE - 1)).toBe('good')
    expect(nodeState(known, 15 * MINUTE)).toBe('questionable')
    expect(nodeAsked(table, node!, 20 * MINUTE)).toBe(false)
    expect(nodeState(known, 34 * MINUTE)).toBe('good')
    fail(table, node!, 1)
    expect(nodeState(known, 34 * MINUTE)).toBe('questionable')
    fail(table, node!, 2)
    expect(nodeState(known, 34 * MINUTE)).toBe('bad')
    nodeAnswered(table, node!, 35 * MINUTE)
    expect(nodeState(known, 35 * MINUTE)).toBe('good')
  })

  it('replaces a bad node by the latest that waits', () => {
    const { table, far } = fullTable()
    const waiting = farNodes(10, 20)
    for (const node of waiting) expect(nodeAnswered(table, node, 1)).toBe('waiting')
    expect(table.buckets[0]!.waiting).toHaveLength(8)
    fail(table, far[0]!, 3)
    expect(table.byAddress.has(`${far[0]!.host} 6881`)).toBe(false)
    expect(table.byAddress.has(`${waiting[9]!.host} 6881`)).toBe(true)
    check(table)
  })

  it('keeps a bad node where nobody waits, and gives its place to the next that comes', () => {
    const { table, far } = fullTable()
    fail(table, far[3]!, 9)
    expect(size(table)).toBe(9)
    expect(closest(table, far[3]!.id, 20, 0)).toHaveLength(8)
    expect(nodeAsked(table, farNodes(1, 30)[0]!, 0)).toBe(true)
    expect(nodeAnswered(table, farNodes(1, 30)[0]!, 0)).toBe('added')
    expect(table.byAddress.has(`${far[3]!.host} 6881`)).toBe(false)
  })

  it('has nobody but bad nodes to name after our own network failed', () => {
    const { table } = fullTable()
    for (const node of table.byId.values()) node.failures = 9
    expect(closest(table, own, 8, 0)).toHaveLength(8)
    expect(knownNodes(table, 0, 100)).toEqual([])
  })

  it('wants the longest silent node pinged where somebody waits for its place', () => {
    const { table, far } = fullTable()
    for (const node of far.slice(1)) nodeAnswered(table, node, 2 * MINUTE)
    expect(nodesInQuestion(table, 16 * MINUTE)).toEqual([])
    nodeAnswered(table, farNodes(1, 40)[0]!, 3 * MINUTE)
    expect(nodesInQuestion(table, 10 * MINUTE)).toEqual([])
    expect(nodesInQuestion(table, 16 * MINUTE).map(({ host }) => host)).toEqual([far[0]!.host])
    expect(nodesInQuestion(table, 20 * MINUTE).map(({ host }) => host)).toEqual([far[0]!.host])
  })

  it('wants an unknown node asked only where it would have a place', () => {
    const { table, far } = fullTable()
    expect(nodeAsked(table, farNodes(1, 50)[0]!, 0)).toBe(false)
    expect(nodeAsked(table, nodeAt(51, idAt(own, 7)), 0)).toBe(true)
    expect(nodeAsked(table, { ...far[0]!, host: hostOf(52) }, 0)).toBe(false)
    expect(size(table)).toBe(9)
  })

  it('believes an address that answers by another id, and no id that comes from another address', () => {
    const { table, far } = fullTable()
    const renamed = { ...far[0]!, id: idAt(own, 2) }
    expect(nodeAnswered(table, renamed, 0)).toBe('added')
    expect(table.byAddress.get(`${far[0]!.host} 6881`)?.id).toEqual(renamed.id)
    expect(nodeAnswered(table, { ...far[1]!, host: hostOf(70) }, 0)).toBe('refused')
    expect(size(table)).toBe(9)
    check(table)
  })

  it('has one node of a network in a bucket, whatever a thousand of them say (R61)', () => {
    const table = createRoutingTable(own, 0)
    const prng = createPrng(1)
    for (let i = 0; i < 1_000; i++) {
      const host = `20.0.0.${String(i & 255)}`
      nodeAnswered(table, { id: randomId(prng), host, port: 1_000 + i }, 0)
      const prefix = `2600:1:2:3::${i.toString(16)}`
      nodeAnswered(table, { id: randomId(prng), host: prefix, port: 1_000 + i }, 0)
    }
    check(table)
    expect(size(table)).toBeLessThanOrEqual(2 * table.buckets.length)
  })

  it('replaces the node of a network where it is bad, or where only the other has a right id', () => {
    const table = createRoutingTable(own, 0)
    const [first] = farNodes(1)
    const neighbour = { ...farNodes(1, 9)[0]!, host: first!.host.replace(/1$/, '2') }
    nodeAnswered(table, first!, 0)
    expect(nodeAsked(table, neighbour, 0)).toBe(false)
    expect(nodeAnswered(table, neighbour, 0)).toBe('refused')
    fail(table, first!, 3)
    expect(nodeAsked(table, neighbour, 0)).toBe(true)
    expect(nodeAnswered(table, neighbour, 0)).toBe('added')
    const verified = verifiedNode(0, createPrng(2))
    expect(verified.host).toBe(first!.host)
    expect(nodeAnswered(table, verified, 0)).toBe('added')
    expect([...table.byId.values()].map(({ host }) => host)).toEqual([verified.host])
    check(table)
  })

  it('lets the nodes of a network of ours, or of one machine, be many', () => {
    const table = createRoutingTable(own, 0)
    farNodes(8).forEach(({ id }, i) => nodeAnswered(table, { id, host: '127.0.0.1', port: 1 + i }, 0))
    expect(size(table)).toBe(8)
  })

  it('gives a place to an id that is right by BEP 42 before one that is not', () => {
    const prng = createPrng(7)
    const verified = Array.from({ length: 40 }, (_, i) => verifiedNode(200 + i, prng)).filter(
      ({ id }) => sharedPrefix(own, id) === 0,
    )
    const { table } = fullTable()
    for (const node of verified.slice(0, 8)) expect(nodeAnswered(table, node, 0)).toBe('added')
    expect(table.buckets[0]!.nodes.every(({ isVerified }) => isVerified)).toBe(true)
    expect(nodeAnswered(table, verified[8]!, 0)).toBe('waiting')
    for (const node of farNodes(9, 80)) expect(nodeAnswered(table, node, 0)).toBe('waiting')
    expect(table.buckets[0]!.waiting.map(({ host }) => host)).toContain(verified[8]!.host)
    fail(table, verified[0]!, 3)
    expect(table.byAddress.has(`${verified[8]!.host} 6881`)).toBe(true)
    check(table)
  })

  it('goes on with the nodes of an earlier start, once they answer', () => {
    const { table, far } = fullTable()
    nodeAnswered(table, far[5]!, MINUTE)
    const kept = knownNodes(table, MINUTE, 5)
    expect(kept).toHaveLength(5)
    expect(kept[0]).toEqual(far[5])
    const next = createRoutingTable(own, 0)
    restoreNodes(next, kept, 0)
    restoreNodes(next, kept, 0)
    expect(closest(next, own, 10, 0).map((node) => nodeState(node, 0))).toEqual(Array(5).fill('questionable'))
    fail(next, kept[0]!, 1)
    expect(closest(next, own, 10, 0)).toHaveLength(4)
    nodeAnswered(next, kept[1]!, 0)
    expect(nodeState(next.byAddress.get(`${kept[1]!.host} 6881`)!, 0)).toBe('good')
  })

  it('keeps the ids themselves, not the packets that they came in', () => {
    const table = createRoutingTable(own, 0)
    const packet = new Uint8Array(1_000).fill(1)
    nodeAnswered(table, nodeAt(1, packet.subarray(100, 120)), 0)
    packet.fill(2)
    expect([...table.byId.values()][0]!.id).toEqual(new Uint8Array(20).fill(1))
  })
})
