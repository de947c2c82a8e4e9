import type { DhtItem } from '../../codecs/dhtItem.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'

/** What a DHT node can be told. An `id` is the asker's own; what comes of the task is reported under it. */
export type DhtCommand =
  | { readonly _tag: 'Begin'; readonly id: number; readonly goal: DhtGoal }
  /** Nobody waits for it any more. */
  | { readonly _tag: 'Cancel'; readonly id: number }
  /** Somebody says that nodes are there: peers (`Port`), torrents (`nodes`). They are pinged, and believed once they answer. */
  | { readonly _tag: 'AddNodes'; readonly addresses: ReadonlyArray<PeerAddress> }

/** What a search is for. Targets are 20 bytes. */
export type DhtGoal =
  /** Nodes near the target: to know them. */
  | { readonly _tag: 'FindNodes'; readonly target: Uint8Array }
  /** Peers of a torrent; with `announce`, to be one of them. */
  | {
      readonly _tag: 'FindPeers'
      readonly target: Uint8Array
      readonly announce: DhtAnnounce | undefined
      /** Seeds are of no use. */
      readonly noSeed: boolean
    }
  /** How many seeds and peers a torrent has (BEP 33). */
  | { readonly _tag: 'Scrape'; readonly target: Uint8Array }
  /** An item (BEP 44). For a mutable one its key and salt: what does not fit them is not believed. */
  | {
      readonly _tag: 'FindItem'
      readonly target: Uint8Array
      readonly of: { readonly k: Uint8Array; readonly salt: Uint8Array } | undefined
    }
  /** Stores an item; with `cas`, only over one of that sequence number. */
  | {
      readonly _tag: 'StoreItem'
      readonly target: Uint8Array
      readonly item: DhtItem
      readonly cas: number | undefined
    }
  /** Infohashes that nodes near the target hold (BEP 51). */
  | { readonly _tag: 'Sample'; readonly target: Uint8Array }

export interface DhtAnnounce {
  /** 0: the port that the packet comes from. */
  readonly port: number
  readonly seed: boolean
}
