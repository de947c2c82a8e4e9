import type { Metainfo } from '../../codecs/metainfoModel.js'
import { type Bans, createBans } from '../peer/ban.js'
import { type Candidates, createCandidates } from '../peer/candidates.js'
import type { PeerKey } from '../peer/peerKey.js'
import { createDownloads, type Downloads } from '../piece/downloads.js'
import { createGeometry, type Geometry } from '../piece/geometry.js'
import { createPieceTable, disorder, type PieceTable, setPriority } from '../piece/pieceTable.js'
import { piecePriorities } from '../piece/piecePriorities.js'
import { DEFAULT_PRIORITY } from '../piece/pickOrder.js'
import { createWindows, type Windows } from '../piece/windows.js'
import { createPrng } from '../random.js'
import { createRateMeter, type RateMeter } from '../rate/ewma.js'
import { createTokenBucket, type TokenBucket } from '../rate/tokenBucket.js'
import { createTrackers, type Trackers } from '../tracker/tiers.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { SessionEffect } from './effect.js'
import { SESSION_LIMITS } from './limits.js'
import type { Notice } from './notice.js'
import type { PeerModel } from './peerModel.js'
import type { SessionPolicies } from './policies.js'
import type { SessionPhase } from './state.js'

/** What a session is made of; with the log of its events, enough to live its life again. */
export interface SessionConfig {
  readonly metainfo: Metainfo
  readonly peerId: Uint8Array
  /** Seed of the session's own generator. */
  readonly seed: number
  /** Our announce `key` (BEP 7). */
  readonly announceKey: number
  readonly policies: SessionPolicies
  /** Peers to start with. */
  readonly peers: ReadonlyArray<PeerAddress>
  /** One for each of `metainfo.files`, 0 (not wanted) to 7; all are 4 where absent. */
  readonly priorities?: ReadonlyArray<number>
  /** Nothing is requested before the first `SetPriorities`. */
  readonly awaitsPriorities?: boolean
}

/** What must be done again when the storage has recovered. */
export type StorageRetry =
  | { readonly _tag: 'Open' }
  | { readonly _tag: 'Select' }
  | { readonly _tag: 'Flush' }
  | { readonly _tag: 'Read' }
  | { readonly _tag: 'Verify'; readonly piece: number }
  | { readonly _tag: 'Write'; readonly piece: number; readonly slot: number; readonly length: number }

/**
 * The state of the fold: mutable, private, changed in place by the handlers and never emitted. What leaves is a
 * snapshot (`snapshot.ts`) and the effects of the turn.
 */
export interface SessionModel {
  readonly config: SessionConfig
  readonly geometry: Geometry
  readonly random: () => number

  now: number
  phase: SessionPhase
  port: number | undefined
  checkedPieces: number

  readonly table: PieceTable
  /** By file: what the user wants. */
  filePriorities: Uint8Array
  /** By piece: what that comes to. In a window it is the highest priority instead. */
  basePriorities: Uint8Array
  readonly windows: Windows
  /** Peers that would send us something, as of the last tick. */
  helpers: number
  awaitsPriorities: boolean
  /** Some file is, or was, not wanted: the storage knows. */
  isSelective: boolean
  readonly downloads: Downloads
  /** Slots not in use; empty from the start when pieces are written through. */
  readonly freeSlots: number[]
  readonly usesSlots: boolean
  /** Bytes on their way to the storage block by block. */
  throughBytes: number
  /** A peer found no slot free: ask again when one is. */
  isStarved: boolean

  readonly peers: Map<PeerKey, PeerModel>
  readonly dialling: Map<PeerKey, PeerAddress>
  nextDialKey: PeerKey
  readonly candidates: Candidates
  readonly bans: Bans
  readonly trackers: Trackers
  /** The check found everything: `completed` is announced only by who downloaded. */
  wasCompleteAtStart: boolean
  isCompletedAnnounced: boolean
  /** Every wanted piece was had when it was looked at last. */
  wasDone: boolean
  isDoneTold: boolean
  /** All that was written is on the device, and nothing is left to write. */
  isFlushed: boolean
  /** Flushes that are not answered. */
  pendingFlushes: number
  /** Something was written since the last flush was asked for. */
  hasUnflushed: boolean
  isFlushing: boolean

  /** Pieces had since the last tick, to be told to the peers. */
  readonly newHaves: number[]
  /** Ticks so far. */
  ticks: number
  lastChokeAt: number
  /** An unchoked peer has left since the last tick. */
  hasFreedSlot: boolean
  readonly retries: StorageRetry[]
  retryAt: number
  stopAt: number

  readonly down: RateMeter
  readonly up: RateMeter
  readonly downBucket: TokenBucket
  readonly upBucket: TokenBucket
  downloaded: number
  uploaded: number
  wireDown: number
  wireUp: number
  wasted: number
  corrupt: number

  /** Of the present turn. */
  effects: SessionEffect[]
  notices: Notice[]
  readonly touched: PeerModel[]
  /** Rates were above zero at the last tick: one more snapshot will show that they are not. */
  wasMoving: boolean
  /** The phase or completeness changed: a snapshot is due at once. */
  isUrgent: boolean
}

/** The model before its first event. */
export const createModel = (config: SessionConfig, at: number): SessionModel => {
  const { metainfo } = config
  const geometry = createGeometry(metainfo.streamLength, metainfo.pieceLength)
  const prng = createPrng(config.seed)
  const random = (): number => prng.next()
  const table = createPieceTable(geometry.pieceCount, random)
  const priorities = config.priorities ?? metainfo.files.map(() => DEFAULT_PRIORITY)
  const basePriorities = piecePriorities(metainfo.files, priorities, geometry)
  disorder(table)
  basePriorities.forEach((priority, piece) => {
    setPriority(table, piece, priority)
  })
  const usesSlots = geometry.pieceLength <= SESSION_LIMITS.largestSlot
  const slots = usesSlots
    ? Math.min(geometry.pieceCount, Math.floor(SESSION_LIMITS.unverifiedBytes / geometry.pieceLength))
    : 0
  return {
    config,
    geometry,
    random,
    now: at,
    phase: 'opening',
    port: undefined,
    checkedPieces: 0,
    table,
    filePriorities: Uint8Array.from(priorities),
    basePriorities,
    windows: createWindows(),
    helpers: 0,
    awaitsPriorities: config.awaitsPriorities ?? false,
    isSelective: false,
    downloads: createDownloads(),
    freeSlots: Array.from({ length: slots }, (_, slot) => slots - 1 - slot),
    usesSlots,
    throughBytes: 0,
    isStarved: false,
    peers: new Map(),
    dialling: new Map(),
    nextDialKey: 0,
    candidates: createCandidates(),
    bans: createBans(),
    trackers: createTrackers(metainfo.trackers, random),
    wasCompleteAtStart: false,
    isCompletedAnnounced: false,
    wasDone: false,
    isDoneTold: false,
    isFlushed: false,
    pendingFlushes: 0,
    hasUnflushed: false,
    isFlushing: false,
    newHaves: [],
    ticks: 0,
    lastChokeAt: -Infinity,
    hasFreedSlot: false,
    retries: [],
    retryAt: Infinity,
    stopAt: Infinity,
    down: createRateMeter(at),
    up: createRateMeter(at),
    downBucket: createTokenBucket(at),
    upBucket: createTokenBucket(at),
    downloaded: 0,
    uploaded: 0,
    wireDown: 0,
    wireUp: 0,
    wasted: 0,
    corrupt: 0,
    effects: [],
    notices: [],
    wasMoving: false,
    touched: [],
    isUrgent: false,
  }
}

/** Every piece is had. */
export const isComplete = (model: SessionModel): boolean =>
  model.table.havePieces === model.geometry.pieceCount

/** Every piece that is wanted is had. Not before it is known what is wanted. */
export const isDone = (model: SessionModel): boolean =>
  isComplete(model) || (!model.awaitsPriorities && model.table.wantedHave === model.table.wantedPieces)

/** Whether payload moves in this phase. */
export const isActive = (model: SessionModel): boolean =>
  model.phase === 'downloading' || model.phase === 'seeding'

export const setPhase = (model: SessionModel, phase: SessionPhase): void => {
  if (model.phase === phase) return
  model.phase = phase
  model.isUrgent = true
}
