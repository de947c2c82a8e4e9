import type { DhtNode } from '../../codecs/compactNodes.js'
import type { KrpcAnswer, NodeFamily } from '../../codecs/krpc.js'
import { MAX_LOOKUP_VALUES } from '../../codecs/limits.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { compareDistance, sharedPrefix } from './distance.js'
import { mayName, networkOf } from './network.js'
import { ID_BITS, keyOf } from './placeNode.js'

export interface LookupOptions {
  readonly target: Uint8Array
  /** Our own id: the node that has it is not asked. */
  readonly ownId: Uint8Array
  /** Of which family the nodes are; the other one's are another lookup's. */
  readonly family: NodeFamily
  /** Where it begins: the nearest nodes that we know. */
  readonly nodes: ReadonlyArray<DhtNode>
  /** Addresses to begin with whose ids are not known; they are asked first, and never count among the nearest. */
  readonly routers?: ReadonlyArray<PeerAddress>
  /** Queries that wait for an answer at once. Default 4. */
  readonly alpha?: number
  /** How many of the nearest must have answered. Default 8. */
  readonly k?: number
  /** Queries in all. Default 200. */
  readonly maxQueries?: number
}

/** Nodes kept that have not been asked: those farther away come to their turn only if all nearer ones fail. */
const MAX_KNOWN = 200

interface Entry extends PeerAddress {
  /** Not known of a router. */
  readonly id: Uint8Array | undefined
  readonly network: string | undefined
  state: 'new' | 'asked' | 'slow' | 'answered' | 'failed'
  token: Uint8Array | undefined
}

interface Known extends Entry {
  readonly id: Uint8Array
}

/** Someone who answered, and the token that a put or an announce to it needs. */
export interface Answerer extends DhtNode {
  readonly token: Uint8Array | undefined
}

/**
 * One iterative lookup: it asks the nearest nodes that it knows of for nearer ones, until the `k` nearest have answered.
 * Of a network (/24, or /64 of IPv6) only one node takes part, and what a node says of networks that it cannot know is
 * left out.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface Lookup {
  readonly target: Uint8Array
  readonly ownId: Uint8Array
  readonly family: NodeFamily
  readonly alpha: number
  readonly k: number
  readonly maxQueries: number
  readonly routers: Entry[]
  /** The nearest first. */
  entries: Known[]
  readonly byAddress: Map<string, Entry>
  readonly networks: Map<string, Entry>
  /** Values that were seen, so that each is passed on once. */
  readonly values: Set<string>
  /** Queries sent. */
  queries: number
  isStopped: boolean
}

/** A lookup that has not asked anybody yet. */
export const createLookup = (options: LookupOptions): Lookup => {
  const { target, ownId, family, nodes, routers = [], alpha = 4, k = 8, maxQueries = 200 } = options
  const lookup: Lookup = {
    target,
    ownId,
    family,
    alpha,
    k,
    maxQueries,
    routers: [],
    entries: [],
    byAddress: new Map(),
    networks: new Map(),
    values: new Set(),
    queries: 0,
    isStopped: false,
  }
  for (const { host, port } of routers) {
    const router: Entry = { host, port, id: undefined, network: undefined, state: 'new', token: undefined }
    lookup.routers.push(router)
    lookup.byAddress.set(keyOf(router), router)
  }
  addNodes(lookup, nodes)
  return lookup
}

/** Whom to ask now; they count as asked from here on. To be called at the start and after each of the `on…` functions. */
export const nextQueries = (lookup: Lookup): ReadonlyArray<PeerAddress> => {
  const due: PeerAddress[] = []
  let free = lookup.alpha - count(lookup, 'asked')
  for (const entry of inTurn(lookup)) {
    if (free <= 0 || lookup.isStopped || lookup.queries >= lookup.maxQueries) break
    if (entry.state !== 'new') continue
    entry.state = 'asked'
    lookup.queries++
    free--
    due.push({ host: entry.host, port: entry.port })
  }
  return due
}

/**
 * Who was asked has answered; late answers count too.
 *
 * @returns the values of the answer that are new.
 */
export const onAnswer = (
  lookup: Lookup,
  from: PeerAddress,
  answer: KrpcAnswer,
): ReadonlyArray<PeerAddress> => {
  const entry = lookup.byAddress.get(keyOf(from))
  if (entry === undefined || entry.state === 'new' || entry.state === 'answered') return NONE
  if (entry.id !== undefined && sharedPrefix(entry.id, answer.id) !== ID_BITS) {
    // Not the node that we were told of: whoever names himself anew for each target is always the nearest.
    entry.state = 'failed'
    return NONE
  }
  entry.state = 'answered'
  entry.token = answer.token?.slice()
  const nodes = (lookup.family === 'n4' ? answer.nodes : answer.nodes6) ?? []
  addNodes(
    lookup,
    nodes.filter(({ host }) => mayName(entry.host, host)),
  )
  return newValues(lookup, entry.host, answer.values ?? NONE)
}

/** Who was asked is slow: somebody else may be asked meanwhile. */
export const onSlow = (lookup: Lookup, from: PeerAddress): void => {
  const entry = lookup.byAddress.get(keyOf(from))
  if (entry?.state === 'asked') entry.state = 'slow'
}

/** Who was asked has not answered, or said no. */
export const onTimeout = (lookup: Lookup, from: PeerAddress): void => {
  const entry = lookup.byAddress.get(keyOf(from))
  if (entry?.state === 'asked' || entry?.state === 'slow') entry.state = 'failed'
}

/** Asks nobody any more. */
export const stopLookup = (lookup: Lookup): void => {
  lookup.isStopped = true
}

/** Whether nothing is to be waited for and nobody left to be asked. */
export const isLookupDone = (lookup: Lookup): boolean => {
  if (lookup.isStopped) return true
  if (count(lookup, 'asked') + count(lookup, 'slow') > 0) return false
  return lookup.queries >= lookup.maxQueries || inTurn(lookup).every(({ state }) => state !== 'new')
}

/** The `k` nearest nodes that answered, the nearest first: those to whom a put or an announce goes. */
export const closestAnswered = (lookup: Lookup): ReadonlyArray<Answerer> =>
  lookup.entries
    .flatMap(({ id, host, port, token, state }) => (state === 'answered' ? [{ id, host, port, token }] : []))
    .slice(0, lookup.k)

const NONE: ReadonlyArray<PeerAddress> = []

/** The routers, and of the others the `k` nearest that have not failed: nobody else is asked. */
const inTurn = ({ routers, entries, k }: Lookup): ReadonlyArray<Entry> => [
  ...routers,
  ...entries.filter(({ state }) => state !== 'failed').slice(0, k),
]

const count = ({ routers, entries }: Lookup, state: Entry['state']): number =>
  [...routers, ...entries].filter((entry) => entry.state === state).length

const addNodes = (lookup: Lookup, nodes: ReadonlyArray<DhtNode>): void => {
  for (const node of nodes) add(lookup, node)
  lookup.entries.sort((a, b) => compareDistance(lookup.target, a.id, b.id))
  let unasked = lookup.entries.length - MAX_KNOWN
  for (let i = lookup.entries.length - 1; unasked > 0 && i >= 0; i--) {
    const entry = lookup.entries[i]!
    if (entry.state !== 'new') continue
    lookup.entries.splice(i, 1)
    lookup.byAddress.delete(keyOf(entry))
    if (entry.network !== undefined) lookup.networks.delete(entry.network)
    unasked--
  }
}

const add = (lookup: Lookup, { id, host, port }: DhtNode): void => {
  const entry: Known = {
    id: id.slice(),
    host,
    port,
    network: networkOf(host),
    state: 'new',
    token: undefined,
  }
  if (sharedPrefix(id, lookup.ownId) === ID_BITS || lookup.byAddress.has(keyOf(entry))) return
  if (entry.network !== undefined) {
    const neighbour = lookup.networks.get(entry.network)
    if (neighbour !== undefined && neighbour.state !== 'failed') return
    lookup.networks.set(entry.network, entry)
  }
  lookup.byAddress.set(keyOf(entry), entry)
  lookup.entries.push(entry)
}

const newValues = (
  lookup: Lookup,
  from: string,
  values: ReadonlyArray<PeerAddress>,
): ReadonlyArray<PeerAddress> =>
  values.filter((value) => {
    const key = keyOf(value)
    if (lookup.values.has(key) || lookup.values.size >= MAX_LOOKUP_VALUES || !mayName(from, value.host)) {
      return false
    }
    lookup.values.add(key)
    return true
  })
