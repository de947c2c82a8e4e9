import { toLatin1 } from '../../codecs/bytes.js'
import { NODE_ID_BYTES, type DhtNode } from '../../codecs/compactNodes.js'
import { isNodeIdOf } from '../../codecs/nodeId.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { sharedPrefix } from './distance.js'
import { networkOf } from './network.js'
import { nodeState, type Bucket, type RoutingNode, type RoutingTable } from './routingModel.js'

/** Nodes of a bucket (BEP 5's K), and as many that wait for one of them to fail. */
const BUCKET_NODES = 8

/** What became of a node that answered. */
export type Admission = 'known' | 'added' | 'waiting' | 'refused'

export const ID_BITS = 8 * NODE_ID_BYTES

export const keyOf = ({ host, port }: PeerAddress): string => `${host} ${String(port)}`

export const indexOf = (table: RoutingTable, id: Uint8Array): number =>
  Math.min(sharedPrefix(table.id, id), table.buckets.length - 1)

/** Whether an id is one that a node other than we can have. */
export const isForeignId = (table: RoutingTable, id: Uint8Array): boolean =>
  id.length === NODE_ID_BYTES && sharedPrefix(table.id, id) !== ID_BITS

/** A node that has no place yet. */
export const newNode = ({ id, host, port }: DhtNode, answeredAt: number): RoutingNode => ({
  id: id.slice(),
  host,
  port,
  isVerified: isNodeIdOf(id, host),
  network: networkOf(host),
  answeredAt,
  seenAt: answeredAt,
  failures: 0,
})

/** Finds a place for a node that has none, and for that splits the last bucket, which is the one around our own id. */
export const placeNode = (table: RoutingTable, node: RoutingNode, now: number): Admission => {
  for (;;) {
    const bucket = table.buckets[indexOf(table, node.id)]!
    const rivals = rivalsOf(table, bucket, node)
    if (rivals.length > 0) {
      if (!rivals.every((rival) => yieldsTo(rival, node, now))) return 'refused'
      for (const rival of rivals) removeNode(table, table.buckets[indexOf(table, rival.id)]!, rival)
    }
    if (bucket.nodes.length < BUCKET_NODES) {
      insert(table, bucket, node, now)
      return 'added'
    }
    if (canSplit(table, bucket)) {
      split(table)
      continue
    }
    const yielding = bucket.nodes.find((other) => yieldsTo(other, node, now))
    if (yielding === undefined) return wait(bucket, node)
    removeNode(table, bucket, yielding)
    insert(table, bucket, node, now)
    return 'added'
  }
}

/** Those that cannot be in the table with it: the same id or address, or in its bucket the same network. */
const rivalsOf = (table: RoutingTable, bucket: Bucket, node: RoutingNode): ReadonlyArray<RoutingNode> => {
  const neighbour =
    node.network === undefined ? undefined : bucket.nodes.find(({ network }) => network === node.network)
  const rivals = new Set([table.byId.get(toLatin1(node.id)), table.byAddress.get(keyOf(node)), neighbour])
  return [...rivals].filter((rival) => rival !== undefined)
}

const yieldsTo = (node: RoutingNode, other: RoutingNode, now: number): boolean =>
  nodeState(node, now) === 'bad' || (other.isVerified && !node.isVerified)

/** Whether `placeNode` would find a place for it. */
export const hasPlaceFor = (table: RoutingTable, node: RoutingNode, now: number): boolean => {
  const bucket = table.buckets[indexOf(table, node.id)]!
  const rivals = rivalsOf(table, bucket, node)
  if (rivals.length > 0) return rivals.every((rival) => yieldsTo(rival, node, now))
  if (bucket.nodes.length < BUCKET_NODES || canSplit(table, bucket)) return true
  return bucket.nodes.some((other) => yieldsTo(other, node, now))
}

const canSplit = ({ buckets }: RoutingTable, bucket: Bucket): boolean =>
  bucket === buckets[buckets.length - 1] && buckets.length < ID_BITS

const insert = (table: RoutingTable, bucket: Bucket, node: RoutingNode, now: number): void => {
  bucket.nodes.push(node)
  bucket.changedAt = now
  table.byAddress.set(keyOf(node), node)
  table.byId.set(toLatin1(node.id), node)
}

export const removeNode = (table: RoutingTable, bucket: Bucket, node: RoutingNode): void => {
  bucket.nodes = bucket.nodes.filter((other) => other !== node)
  table.byAddress.delete(keyOf(node))
  table.byId.delete(toLatin1(node.id))
}

const wait = (bucket: Bucket, node: RoutingNode): Admission => {
  bucket.waiting = bucket.waiting.filter(
    (other) => keyOf(other) !== keyOf(node) && (node.network === undefined || other.network !== node.network),
  )
  bucket.waiting.push(node)
  if (bucket.waiting.length > BUCKET_NODES) {
    const unverified = bucket.waiting.findIndex(({ isVerified }) => !isVerified)
    bucket.waiting.splice(Math.max(unverified, 0), 1)
  }
  return 'waiting'
}

/** Who takes the place of `leaving`: the latest with a right id, or the latest. */
export const nextWaiting = (bucket: Bucket, leaving: RoutingNode): RoutingNode | undefined => {
  const fits = bucket.waiting.filter(
    ({ network }) =>
      network === undefined ||
      network === leaving.network ||
      bucket.nodes.every((node) => node.network !== network),
  )
  const next = fits.findLast(({ isVerified }) => isVerified) ?? fits[fits.length - 1]
  bucket.waiting = bucket.waiting.filter((node) => node !== next)
  return next
}

/** Nobody waits for a place in the last bucket: it is split instead. */
const split = (table: RoutingTable): void => {
  const last = table.buckets[table.buckets.length - 1]!
  const depth = table.buckets.length
  const isDeeper = (node: RoutingNode): boolean => sharedPrefix(table.id, node.id) >= depth
  const deeper: Bucket = {
    nodes: last.nodes.filter(isDeeper),
    waiting: [],
    changedAt: last.changedAt,
  }
  last.nodes = last.nodes.filter((node) => !isDeeper(node))
  table.buckets.push(deeper)
}
