import type { PeerFeatures } from '../../codecs/handshake.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import { createDepth, type RequestDepth } from '../rate/requestDepth.js'
import { createRateMeter, type RateMeter } from '../rate/ewma.js'
import { createRequestQueue, type RequestQueue } from '../rate/requestQueue.js'
import type { PeerKey } from '../peer/peerKey.js'
import { createShortlist, type Shortlist } from '../piece/shortlist.js'
import type { Direction, GroupModel } from './allowance.js'
import { createHashUploads, type HashUploads } from './hashUploads.js'
import { createMetadataUploads, type MetadataUploads } from './metadataUploads.js'
import type { ExtensionName } from './extension/extensionName.js'
import { createPeerExchange, type PeerExchange } from './extension/peerExchange.js'

/** A block that a peer asked us for. */
export interface UploadRequest {
  readonly piece: number
  readonly begin: number
  readonly length: number
}

/** One open wire, as the fold knows it. */
export interface PeerModel {
  readonly key: PeerKey
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  readonly peerId: Uint8Array
  readonly connectedAt: number
  readonly hasFast: boolean
  readonly hasExtended: boolean
  readonly hasDht: boolean
  /** It speaks BitTorrent v2 (BEP 52). */
  readonly hasV2: boolean
  client: string
  /** The message ids under which it takes the extensions that we speak too (BEP 10); 0 where it does not. */
  readonly extensions: Record<ExtensionName, number>
  /** Where it listens, as it says (BEP 10 `p`). */
  listenPort: number | undefined
  readonly metadata: MetadataUploads
  readonly hashes: HashUploads
  /** It wants nothing any more, as it says (BEP 21). */
  isUploadOnly: boolean
  isEncrypted: boolean
  readonly exchange: PeerExchange
  /** `ut_holepunch` messages since the minute began: heard, or relayed to it. */
  readonly holepunch: { since: number; count: number }
  /** How often it had everything and then lost a piece. */
  relapses: number
  /** Whether its opening bitfield (or that it has none) is settled: any message but these settles it. */
  isOpened: boolean
  hasToldDhtPort: boolean
  /** Whose limits it keeps to, besides the session's. */
  groups: ReadonlyArray<GroupModel>
  /** Its last turn in each direction, of `Lane.turns`. */
  readonly turns: Record<Direction, number>

  amChoking: boolean
  amInterested: boolean
  peerChoking: boolean
  peerInterested: boolean
  isSnubbed: boolean

  /** What it has; undefined: everything. */
  bits: Uint8Array | undefined
  /** What there is to pick of that, where it is little. */
  readonly shortlist: Shortlist
  pieceCount: number
  /** Pieces that it has and we want. */
  wantedPieces: number

  readonly requests: RequestQueue
  readonly depth: RequestDepth
  /** How many requests it takes at once (BEP 10 `reqq`). */
  reqq: number
  lastBlockAt: number
  /** Refusals since its last block. */
  rejects: number
  /** Pieces that may be had while choked (BEP 6). */
  readonly allowedFast: number[]

  /** Pieces that it may have while we choke it (BEP 6), and the bytes that are left of that. */
  granted: ReadonlyMap<number, number>

  /** Requests of its own, oldest first from `uploadsHead`. */
  uploads: UploadRequest[]
  uploadsHead: number
  /** Bytes between us and its socket: being read, or not yet counted as written. */
  servingBytes: number
  isFull: boolean
  refusedRequests: number

  readonly down: RateMeter
  readonly up: RateMeter
  downloaded: number
  uploaded: number
  wasted: number
  /** When payload last moved, either way. */
  lastPayloadAt: number
  lastHeardAt: number
  lastSentAt: number
  unchokedAt: number
  uploadedSinceUnchoke: number
  /** Bad pieces that it had a part in since its last good one: on parole while above 0. */
  suspicion: number

  /** Messages of the present turn. */
  outgoing: WireMessage[]
}

const NO_GROUPS: ReadonlyArray<GroupModel> = []
const NO_GRANTS: ReadonlyMap<number, number> = new Map()

export const createPeerModel = (
  key: PeerKey,
  address: PeerAddress,
  direction: 'incoming' | 'outgoing',
  peerId: Uint8Array,
  features: PeerFeatures,
  bits: Uint8Array,
  client: string,
  at: number,
): PeerModel => ({
  key,
  address,
  direction,
  peerId,
  connectedAt: at,
  hasFast: features.fast,
  hasExtended: features.extended,
  hasDht: features.dht,
  hasV2: features.v2,
  client,
  // Not a map, which takes a tenth of a kilobyte more, of twelve.
  extensions: { ut_pex: 0, ut_metadata: 0, ut_holepunch: 0, lt_donthave: 0, upload_only: 0 },
  listenPort: undefined,
  metadata: createMetadataUploads(),
  hashes: createHashUploads(),
  isUploadOnly: false,
  isEncrypted: false,
  exchange: createPeerExchange(),
  holepunch: { since: -Infinity, count: 0 },
  relapses: 0,
  isOpened: false,
  hasToldDhtPort: false,
  groups: NO_GROUPS,
  turns: { down: 0, up: 0 },
  amChoking: true,
  amInterested: false,
  peerChoking: true,
  peerInterested: false,
  isSnubbed: false,
  bits,
  shortlist: createShortlist(),
  pieceCount: 0,
  wantedPieces: 0,
  requests: createRequestQueue(),
  depth: createDepth(),
  reqq: 250,
  lastBlockAt: at,
  rejects: 0,
  allowedFast: [],
  granted: NO_GRANTS,
  uploads: [],
  uploadsHead: 0,
  servingBytes: 0,
  isFull: false,
  refusedRequests: 0,
  down: createRateMeter(at),
  up: createRateMeter(at),
  downloaded: 0,
  uploaded: 0,
  wasted: 0,
  lastPayloadAt: at,
  lastHeardAt: at,
  lastSentAt: at,
  unchokedAt: -Infinity,
  uploadedSinceUnchoke: 0,
  suspicion: 0,
  outgoing: [],
})
