import { NODE_ID_BYTES } from '../../codecs/compactNodes.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { type AddressVotes, createAddressVotes } from '../peer/ownAddress.js'
import { createPrng, type Prng, type PrngState } from '../random.js'
import { type AnswerLimits, createAnswerLimits } from './answerLimits.js'
import type { DhtEffect } from './effect.js'
import type { DhtNotice, DhtReport } from './notice.js'
import { createItemStore, type ItemStore } from './itemStore.js'
import { createPeerStore, type PeerStore } from './peerStore.js'
import type { RoutingTable } from './routingModel.js'
import { createRoutingTable } from './routingTable.js'
import type { DhtTotals } from './state.js'
import type { DhtTask } from './task.js'
import { createTokens, type Tokens } from './tokens.js'
import { createTransactions, type Transactions } from './transactions.js'

/** What a node is started with: with the log of its events, the whole story. */
export interface DhtConfig {
  readonly seed: PrngState
  /** What tokens are made with: nobody else may know it. */
  readonly secret: Uint8Array
  /** One for each address of ours. */
  readonly families: ReadonlyArray<4 | 6>
  readonly isReadOnly: boolean
  /** There is a table to load, perhaps, and a place to save it. */
  readonly hasStore: boolean
  readonly hasBootstrap: boolean
}

/**
 * One of our addresses, and the node that we are there: with an id, a routing table and a say of others of its own.
 */
export interface HomeModel {
  readonly index: number
  readonly family: 4 | 6
  /** Its `id` is ours. */
  table: RoutingTable
  local: PeerAddress | undefined
  /** Why there is no open port: the system's code. */
  problem: string | undefined
  readonly votes: AddressVotes
  externalHost: string | undefined
  renumberedAt: number
  isBootstrapped: boolean
  /** It is known how the first bootstrap went. */
  isSettled: boolean
  /** The search for ourselves that is under way. */
  bootstrapTask: number | undefined
  failures: number
  bootstrapAt: number
  /** When those of the other network were last asked for some of this. */
  helpedAt: number
  /** Buckets to fill after a bootstrap. */
  toFill: number[]
}

/** The private state of the fold: changes in place, is never emitted. */
export interface DhtModel {
  readonly config: DhtConfig
  readonly prng: Prng
  readonly homes: ReadonlyArray<HomeModel>
  readonly transactions: Transactions
  readonly limits: AnswerLimits
  readonly tokens: Tokens
  /** What others have left with us. */
  readonly peers: PeerStore
  readonly items: ItemStore
  expiredAt: number
  /** The infohashes that are named at present. */
  sampled: ReadonlyArray<Uint8Array>
  sampledAt: number
  /** Under way and waiting, the eldest first; by id. Those of our own have negative ones. */
  readonly tasks: Map<number, DhtTask>
  running: number
  isStarting: boolean
  nextOwnTask: number
  /** Where to begin, as far as it is known. */
  bootstrap: ReadonlyArray<PeerAddress>
  isResolving: boolean
  /** Of the last time; `-Infinity`: never. */
  resolvedAt: number
  isLoading: boolean
  /** Named by others, not yet pinged. */
  readonly candidates: Map<string, PeerAddress>
  readonly startedAt: number
  savedAt: number
  now: number
  readonly totals: { -readonly [K in keyof DhtTotals]: number }
  /** Of the present turn. */
  effects: DhtEffect[]
  notices: DhtNotice[]
  reports: DhtReport[]
  isUrgent: boolean
}

export const createDhtModel = (config: DhtConfig, now: number): DhtModel => {
  const prng = createPrng(config.seed)
  return {
    config,
    prng,
    homes: config.families.map((family, index) => ({
      index,
      family,
      table: createRoutingTable(randomId(prng), now),
      local: undefined,
      problem: undefined,
      votes: createAddressVotes(),
      externalHost: undefined,
      renumberedAt: -Infinity,
      isBootstrapped: false,
      isSettled: false,
      bootstrapTask: undefined,
      failures: 0,
      bootstrapAt: now,
      helpedAt: -Infinity,
      toFill: [],
    })),
    transactions: createTransactions(),
    limits: createAnswerLimits(now),
    tokens: createTokens(config.secret, now),
    peers: createPeerStore(),
    items: createItemStore(),
    expiredAt: now,
    sampled: [],
    sampledAt: -Infinity,
    tasks: new Map(),
    running: 0,
    isStarting: false,
    nextOwnTask: -1,
    bootstrap: [],
    isResolving: false,
    resolvedAt: -Infinity,
    isLoading: false,
    candidates: new Map(),
    startedAt: now,
    savedAt: now,
    now,
    totals: {
      queriesSent: 0,
      answersReceived: 0,
      timeouts: 0,
      queriesReceived: 0,
      answersSent: 0,
      queriesDropped: 0,
      packetsIgnored: 0,
      bytesReceived: 0,
      bytesSent: 0,
      answerBytesSent: 0,
    },
    effects: [],
    notices: [],
    reports: [],
    isUrgent: false,
  }
}

export const randomId = (prng: Prng): Uint8Array => {
  const id = new Uint8Array(NODE_ID_BYTES)
  for (let i = 0; i < id.length; i++) id[i] = prng.int(256)
  return id
}
