import type { Magnet } from '../../codecs/magnet.js'
import { swarmHash } from '../../codecs/swarmHash.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import { type BannedPeer, type Bans, createBans } from '../peer/ban.js'
import { type Candidates, createCandidates } from '../peer/candidates.js'
import type { PeerKey } from '../peer/peerKey.js'
import { createPrng } from '../random.js'
import { type Announcers, createAnnouncers } from './announcers.js'
import type { Attempt } from './attempt.js'
import type { MetadataEffect } from './effect.js'
import type { LayerGathering, LayerPart } from './layers.js'
import type { MetadataError } from './state.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'

/** What a search is made of; with the log of its events, enough to live its life again. */
export interface MetadataConfig {
  readonly magnet: Magnet
  readonly peerId: Uint8Array
  /** Seed of its own generator. */
  readonly seed: number
  /** Our announce `key` (BEP 7). */
  readonly announceKey: number
  /** Peers of the user's, besides those of the link. */
  readonly peers: ReadonlyArray<PeerAddress>
  /** Whether peers are asked for others (BEP 11); true where absent. */
  readonly pex?: boolean
  /** Whether others look for peers too. */
  readonly hasSources: boolean
}

/** A connected peer. Mutable, private to the fold. */
export interface MetadataPeer {
  readonly key: PeerKey
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  readonly peerId: Uint8Array
  readonly connectedAt: number
  client: string
  /** Where it listens. */
  port: number | undefined
  /** The message id under which it wants `ut_metadata`; undefined while it does not speak it. */
  messageId: number | undefined
  /** Bytes of metadata that it claims to have. */
  size: number | undefined
  attempt: Attempt | undefined
  /** Pieces that it has to answer. */
  readonly asked: Set<number>
  /** It speaks BitTorrent v2 (BEP 52). */
  readonly hasV2: boolean
  /** Parts of the piece layers that it has to answer. */
  readonly askedParts: Set<LayerPart>
  /** When it was asked, or answered, last. */
  lastAnswerAt: number
  received: number
  /** Not asked before then. */
  restsUntil: number
  /** Refusals and silences in a row. */
  strikes: number
  refusals: number
  nonsense: number
  /** When it named peers last (BEP 11), and how many of them were new. */
  pexTakenAt: number
  pexKept: number
  lastHeardAt: number
  lastSentAt: number
  /** Messages of the present turn. */
  outgoing: WireMessage[]
}

/** What the search has come to. */
export type MetadataOutcome =
  | { readonly _tag: 'Found'; readonly metainfo: Metainfo; readonly torrent: Uint8Array }
  | { readonly _tag: 'Failed'; readonly error: MetadataError }

/** The state of the fold: mutable, private, never emitted. */
export interface MetadataModel {
  readonly config: MetadataConfig
  /** What peers and trackers know the torrent by. */
  readonly infohash: Uint8Array
  readonly random: () => number
  now: number
  port: number | undefined
  readonly announcers: Announcers
  readonly candidates: Candidates
  readonly bans: Bans
  readonly peers: Map<PeerKey, MetadataPeer>
  readonly dialling: Map<PeerKey, PeerAddress>
  nextDialKey: PeerKey
  attempts: Attempt[]
  /** Once the metadata is there: what a v2 torrent needs besides. */
  layers: LayerGathering | undefined
  /** Something that several sent was wrong: from now on each peer is taken at its own word. */
  isOneByOne: boolean
  wrong: number
  outcome: MetadataOutcome | undefined
  /** Of the present turn. */
  effects: MetadataEffect[]
  readonly touched: MetadataPeer[]
}

/** Before the first event. */
export const createMetadataModel = (config: MetadataConfig, at: number): MetadataModel => {
  const prng = createPrng(config.seed)
  const random = (): number => prng.next()
  return {
    config,
    infohash: swarmHash(config.magnet),
    random,
    now: at,
    port: undefined,
    announcers: createAnnouncers(config.magnet.trackers, random),
    candidates: createCandidates(),
    bans: createBans(),
    peers: new Map(),
    dialling: new Map(),
    nextDialKey: 0,
    attempts: [],
    layers: undefined,
    isOneByOne: false,
    wrong: 0,
    outcome: undefined,
    effects: [],
    touched: [],
  }
}

/** Who it is beyond its connection. */
export const identityOf = ({ address, peerId, direction }: MetadataPeer): BannedPeer => ({
  ...address,
  peerId,
  direction,
})
