import type { DhtNode } from '../../codecs/compactNodes.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { compareDistance, sharedPrefix } from './distance.js'
import {
  hasPlaceFor,
  ID_BITS,
  indexOf,
  isForeignId,
  keyOf,
  newNode,
  nextWaiting,
  placeNode,
  removeNode,
  type Admission,
} from './placeNode.js'
import { nodeState, type RoutingNode, type RoutingTable } from './routingModel.js'

export const createRoutingTable = (id: Uint8Array, now: number): RoutingTable => ({
  id,
  buckets: [{ nodes: [], waiting: [], changedAt: now }],
  byAddress: new Map(),
  byId: new Map(),
})

/** A node has answered a query of ours: it is taken in where there is a place, or its place is confirmed. */
export const nodeAnswered = (table: RoutingTable, node: DhtNode, now: number): Admission =>
  take(table, node, now, now)

/**
 * A node has asked us, and is not read-only: a good one stays good by it.
 *
 * @returns whether it is unknown and there would be a place for it: then it should be asked, for only an answer shows
 * that it is where it says.
 */
export const nodeAsked = (table: RoutingTable, node: DhtNode, now: number): boolean => {
  const known = table.byAddress.get(keyOf(node))
  if (known === undefined) {
    return isForeignId(table, node.id) && hasPlaceFor(table, newNode(node, -Infinity), now)
  }
  if (sharedPrefix(known.id, node.id) === ID_BITS) known.seenAt = now
  return false
}

/** A query of ours got no answer. A bad node gives way to who waits for its place, and stays where nobody does. */
export const nodeFailed = (table: RoutingTable, address: PeerAddress, now: number): void => {
  const node = table.byAddress.get(keyOf(address))
  if (node === undefined) return
  node.failures++
  if (nodeState(node, now) !== 'bad') return
  const bucket = table.buckets[indexOf(table, node.id)]!
  const next = nextWaiting(bucket, node)
  if (next === undefined) return
  removeNode(table, bucket, node)
  placeNode(table, next, now)
}

/**
 * The nodes nearest to a target, the nearest first. Bad ones are only among them where all are: then it is rather we who
 * have been out of reach.
 */
export const closest = (
  table: RoutingTable,
  target: Uint8Array,
  count: number,
  now: number,
): ReadonlyArray<RoutingNode> => {
  const all = [...table.byId.values()]
  const usable = all.filter((node) => nodeState(node, now) !== 'bad')
  return (usable.length > 0 ? usable : all)
    .sort((a, b) => compareDistance(target, a.id, b.id))
    .slice(0, count)
}

/** Whom to ping so that those who wait come to a place, or learn that there is none: one node of a bucket. */
export const nodesInQuestion = (table: RoutingTable, now: number): ReadonlyArray<RoutingNode> =>
  table.buckets.flatMap(({ nodes, waiting }) => {
    if (waiting.length === 0) return []
    const questionable = nodes.filter((node) => nodeState(node, now) === 'questionable')
    return questionable.length === 0 ? [] : [questionable.reduce((a, b) => (b.seenAt < a.seenAt ? b : a))]
  })

/** Those worth keeping for the next start: all but the bad ones, at most `max`, those that answered last first. */
export const knownNodes = (table: RoutingTable, now: number, max: number): ReadonlyArray<DhtNode> =>
  [...table.byId.values()]
    .filter((node) => nodeState(node, now) !== 'bad')
    .sort((a, b) => b.answeredAt - a.answeredAt)
    .slice(0, max)
    .map(({ id, host, port }) => ({ id, host, port }))

/** Takes in nodes of an earlier start, which have yet to answer in this one. */
export const restoreNodes = (table: RoutingTable, nodes: ReadonlyArray<DhtNode>, now: number): void => {
  for (const node of nodes) take(table, node, -Infinity, now)
}

/** The same nodes around another id of ours: our address has become known, or has changed. */
export const withOwnId = (table: RoutingTable, id: Uint8Array, now: number): RoutingTable => {
  const moved = createRoutingTable(id, now)
  for (const { nodes, waiting } of table.buckets) {
    for (const node of [...nodes, ...waiting]) placeNode(moved, node, now)
  }
  return moved
}

const take = (table: RoutingTable, node: DhtNode, answeredAt: number, now: number): Admission => {
  if (!isForeignId(table, node.id)) return 'refused'
  const known = table.byAddress.get(keyOf(node))
  if (known !== undefined && sharedPrefix(known.id, node.id) === ID_BITS) {
    if (answeredAt === -Infinity) return 'known'
    known.answeredAt = answeredAt
    known.seenAt = now
    known.failures = 0
    table.buckets[indexOf(table, known.id)]!.changedAt = now
    return 'known'
  }
  // It answers by another id: the one that we know is not there any more.
  if (known !== undefined) removeNode(table, table.buckets[indexOf(table, known.id)]!, known)
  return placeNode(table, newNode(node, answeredAt), now)
}
