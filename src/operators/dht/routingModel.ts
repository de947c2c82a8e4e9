import type { DhtNode } from '../../codecs/compactNodes.js'

/** BEP 5: how long a sign of life makes a node good, and how long a bucket may go without change. */
export const GOOD_FOR_MS = 15 * 60_000
/** Queries without an answer, in a row, after which a node is bad; one is enough where it has never answered. */
const MAX_FAILURES = 3

export interface RoutingNode extends DhtNode {
  /** Its id is one that BEP 42 lets it have. */
  readonly isVerified: boolean
  readonly network: string | undefined
  /** Its last answer to a query of ours. */
  answeredAt: number
  /** Its last answer or query. */
  seenAt: number
  failures: number
}

export interface Bucket {
  nodes: RoutingNode[]
  /** Those that found no place; the latest last. */
  waiting: RoutingNode[]
  changedAt: number
}

/**
 * The nodes that a DHT node knows, of one address family (BEP 5, BEP 32). Bucket `i` holds those that share exactly `i`
 * bits with our own id, the last one those that share more.
 *
 * In a bucket there is one node of a network at most (/24, or /64 of IPv6), and an id that is right by BEP 42 takes the
 * place of one that is not: whoever has many addresses next to each other gets few places.
 *
 * Mutable, for one owner; written only through the functions of `routingTable`, `placeNode` and `refreshBuckets`.
 */
export interface RoutingTable {
  readonly id: Uint8Array
  readonly buckets: Bucket[]
  /** Those in buckets. */
  readonly byAddress: Map<string, RoutingNode>
  readonly byId: Map<string, RoutingNode>
}

export type NodeState =
  /** It has answered, and lived in the last 15 minutes. */
  | 'good'
  | 'questionable'
  /** It does not answer. */
  | 'bad'

export const nodeState = (node: RoutingNode, now: number): NodeState => {
  const hasAnswered = node.answeredAt > -Infinity
  if (node.failures >= (hasAnswered ? MAX_FAILURES : 1)) return 'bad'
  return hasAnswered && node.failures === 0 && now - node.seenAt < GOOD_FOR_MS ? 'good' : 'questionable'
}
