import type { Option } from '#fp/Option'
import type { DecodeError } from '../../codecs/errors.js'
import type { Magnet } from '../../codecs/magnet.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { TrackerState } from '../tracker/tiers.js'
import type { MetadataReason } from './reason.js'

/** How a search for metadata stands. Never changes once emitted; the last one is no `Fetching`. */
export type MetadataState =
  | { readonly _tag: 'Fetching'; readonly progress: MetadataProgress }
  | FetchedMetadata
  | { readonly _tag: 'MetadataFailed'; readonly progress: MetadataProgress; readonly error: MetadataError }

/** The metadata is there, and is what the link stands for. */
export interface FetchedMetadata {
  readonly _tag: 'Fetched'
  readonly progress: MetadataProgress
  /** With the link's trackers and web seeds, and the piece layers if it is of v2 alone; a hybrid is without them. */
  readonly metainfo: Metainfo
  /** The .torrent file, to keep. */
  readonly torrent: Uint8Array
  /** The peers known by now, the best first: where a session begins. Of a private torrent only what trackers named. */
  readonly peers: ReadonlyArray<PeerAddress>
  /** Where others were told to find us; free for the session now. None where there was no port to listen on. */
  readonly port: Option<number>
}

/** Why there will be no metadata, however long one waits. */
export type MetadataError =
  /** What the hash stands for is no torrent that can be used. */
  | { readonly _tag: 'MetadataInvalid'; readonly error: DecodeError }
  /** The link's two hashes belong to different torrents. */
  | { readonly _tag: 'HashesDisagree' }

export interface MetadataProgress {
  /** The clock's time, in milliseconds. */
  readonly at: number
  readonly magnet: Magnet
  readonly port: Option<number>
  /**
   * Bytes of the metadata, as those claim who have sent most of it; none before anybody has claimed any. Once it is there,
   * with the piece layers that are missing yet.
   */
  readonly size: Option<number>
  readonly haveBytes: number
  /** How often it was all there and was wrong. */
  readonly wrong: number
  readonly peers: ReadonlyArray<MetadataPeerState>
  /** Addresses known, those of connected peers among them. */
  readonly candidates: number
  readonly trackers: ReadonlyArray<TrackerState>
  /** Why nothing, or little, moves; empty: all is well. */
  readonly why: ReadonlyArray<MetadataReason>
}

export interface MetadataPeerState extends PeerAddress {
  readonly direction: 'incoming' | 'outgoing'
  readonly client: string
  /** Bytes of metadata that it claims to have; none while it does not say. */
  readonly size: Option<number>
  /** Bytes of metadata that it has sent. */
  readonly received: number
  /** It has refused, or kept silent, and is left alone for a while. */
  readonly isResting: boolean
}
