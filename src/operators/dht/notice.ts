import type { DhtNode } from '../../codecs/compactNodes.js'
import type { DhtItem } from '../../codecs/dhtItem.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What is worth telling of a DHT node, when it happens. */
export type DhtNotice =
  | { readonly _tag: 'DhtListening'; readonly at: number; readonly local: PeerAddress }
  /** The port could not be opened, or was lost: the node is without that family from here on. */
  | { readonly _tag: 'DhtListenFailed'; readonly at: number; readonly family: 4 | 6; readonly code: string }
  /** Nodes of that family answer: searches find their way from here on. */
  | { readonly _tag: 'DhtBootstrapped'; readonly at: number; readonly family: 4 | 6; readonly good: number }
  /** Nobody answers; it is tried again. */
  | { readonly _tag: 'DhtBootstrapFailed'; readonly at: number; readonly family: 4 | 6 }
  /** Most nodes see us at this address; our id follows from it (BEP 42). */
  | { readonly _tag: 'DhtExternalAddress'; readonly at: number; readonly host: string }
  /** What an earlier run has saved is of no use. */
  | { readonly _tag: 'DhtTableRejected'; readonly at: number; readonly why: string }
  | { readonly _tag: 'DhtTableSaveFailed'; readonly at: number; readonly code: string }
  /** More is asked than can be done; the search ends without a result. */
  | { readonly _tag: 'DhtSearchRefused'; readonly at: number }

/** What comes of a task, to whoever began it under that `id`. */
export type DhtReport =
  /** Peers that had not been told before. */
  | { readonly _tag: 'PeersFound'; readonly id: number; readonly peers: ReadonlyArray<PeerAddress> }
  /** An immutable item, or a mutable one that is newer than what was told before. */
  | { readonly _tag: 'ItemFound'; readonly id: number; readonly item: DhtItem }
  | { readonly _tag: 'Scraped'; readonly id: number; readonly scrape: DhtScrape }
  | { readonly _tag: 'Sampled'; readonly id: number; readonly sample: DhtSample }
  | { readonly _tag: 'TaskDone'; readonly id: number; readonly outcome: DhtOutcome }

/** The size of a swarm, estimated from bloom filters (BEP 33): right to some percent. */
export interface DhtScrape {
  readonly seeds: number
  readonly peers: number
  /** Nodes that said something, we ourselves among them. */
  readonly answers: number
}

/** What one node holds (BEP 51). */
export interface DhtSample {
  readonly node: DhtNode
  readonly infohashes: ReadonlyArray<Uint8Array>
  /** How many it holds in all. */
  readonly total: number
  /** Seconds until it is worth asking it again. */
  readonly intervalSeconds: number
}

/** What a search came to. */
export interface DhtOutcome {
  /** Queries sent. */
  readonly queries: number
  /** Nodes that answered. */
  readonly answers: number
  /** Nodes that took what was to be announced or stored. */
  readonly stored: number
  /** What nodes said that refused to store, by KRPC error code; without double ones. */
  readonly refusals: ReadonlyArray<number>
}
