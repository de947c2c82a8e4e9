import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { TransportProtocol } from '../../codecs/portMapping/natPmp.js'
import { type Bans, createBans } from '../peer/ban.js'
import { type Candidates, createCandidates } from '../peer/candidates.js'
import { type AddressVotes, createAddressVotes } from '../peer/ownAddress.js'
import type { PeerKey } from '../peer/peerKey.js'
import { createSuspects, type Suspects } from '../peer/suspects.js'
import { createDownloads, type Downloads } from '../piece/downloads.js'
import type { Geometry } from '../piece/geometry.js'
import { geometryOf } from '../piece/geometryOf.js'
import { createPieceTable, disorder, type PieceTable, setPriority } from '../piece/pieceTable.js'
import { piecePriorities } from '../piece/piecePriorities.js'
import { extentPieces } from '../piece/shuffleExtents.js'
import { DEFAULT_PRIORITY } from '../piece/pickOrder.js'
import { createWindows, type Windows } from '../piece/windows.js'
import { createPrng } from '../random.js'
import { createRateMeter, type RateMeter } from '../rate/ewma.js'
import type { GroupRule } from '../rate/peerGroup.js'
import { createTrackers, type Trackers } from '../tracker/tiers.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import { DEFAULT_CONNECTION_LIMITS } from './connectionLimits.js'
import { type Allowance, createAllowance } from './allowance.js'
import type { StorageCommand } from './command.js'
import { createResumeModel, type ResumeModel } from '../resume/resumeModel.js'
import type { SessionEffect } from './effect.js'
import { createHashTrees, type HashTrees } from './hashTrees.js'
import { SESSION_LIMITS } from './limits.js'
import type { LongFile } from './longFile.js'
import type { Notice, PolicyName } from './notice.js'
import type { PeerModel } from './peerModel.js'
import type { SessionPolicies } from './policies.js'
import type { DesiredState, SessionPhase, StorageHealth } from './state.js'
import type { StorageError } from './storageError.js'

/** What a session is made of; with the log of its events, enough to live its life again. */
export interface SessionConfig {
  readonly metainfo: Metainfo
  readonly peerId: Uint8Array
  /** Seed of the session's own generator. */
  readonly seed: number
  /** Our announce `key` (BEP 7). */
  readonly announceKey: number
  readonly policies: SessionPolicies
  /** Whether trackers are asked; they are where absent. */
  readonly announces?: boolean
  /** Peers to start with. */
  readonly peers: ReadonlyArray<PeerAddress>
  /** `running` where absent. */
  readonly desired?: DesiredState
  /** 16 KiB where absent. */
  readonly blockLength?: number
  /** See `DEFAULT_CONNECTION_LIMITS` for what is absent. */
  readonly connections?: number
  readonly unchokeSlots?: number
  /** Peers that share a limit; what it is comes by `SetGroupLimits`. */
  readonly groups?: ReadonlyArray<GroupRule>
  /** Whether peers are asked for, and told of, others (BEP 11); they are, where absent. Never for a private torrent. */
  readonly pex?: boolean
  /** Whether resume data are loaded and saved; not, where absent. */
  readonly isResumed?: boolean
  /** Milliseconds since 1970, for the resume data of a torrent that is new. */
  readonly addedAt?: number
  /** One for each of `metainfo.files`, 0 (not wanted) to 7; what an earlier run had, or 4 for all, where absent. */
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

/** A failure of a user's policy, told of now and then. */
export interface PolicyFailure {
  readonly policy: PolicyName
  readonly message: string
  toldAt: number
  /** Failures since then. */
  count: number
}

/** A check of what is on disk that somebody asked for. */
export interface Recheck {
  readonly number: number
  checked: number
  have: number
  /** 1 where the piece was found right. */
  readonly ok: Uint8Array
  /** Pieces written while it ran: right, whatever it saw. */
  readonly written: Set<number>
}

/**
 * The state of the fold: mutable, private, changed in place by the handlers and never emitted. What leaves is a
 * snapshot (`snapshot.ts`) and the effects of the turn.
 */
export interface SessionModel {
  readonly config: SessionConfig
  /** Its `blockLength` can change. */
  geometry: Geometry
  /** A block length to change to once nothing is being written by the present one. */
  nextBlockLength: number | undefined
  readonly random: () => number

  now: number
  /** Follows from what comes next: see `phaseOf`. */
  phase: SessionPhase
  /** How far the session's life has come. */
  stage: 'opening' | 'checking' | 'open' | 'stopping' | 'stopped'
  desired: DesiredState
  /** Nothing is on its way any more, in either direction: counts while a pause is wanted. */
  isDrained: boolean
  /** When peers that still owe something are closed, so that the pause can begin. */
  pauseBy: number
  storage: StorageHealth
  /** The wait before the next try of a storage that failed. */
  retryMs: number
  /** The storage is being tried again. */
  isProbing: boolean
  /** What failed last, until it has worked again. */
  failedOperation: StorageError['operation'] | undefined

  isListening: boolean
  /** Listening, or that it cannot be, has been answered. */
  isPortKnown: boolean
  /** Where the files are. */
  directory: string
  /** Paths of the files that lie under another than the torrent's, by index. A new one with each change. */
  renamed: ReadonlyMap<number, ReadonlyArray<string>>
  /** Commands to rename a file that are not answered. */
  renaming: ReadonlyArray<number>
  /** Commands about the files that came before the storage was open. */
  readonly waitingOps: StorageCommand[]
  /** The command that deletes the data, while it does. */
  removal: number | undefined
  port: number | undefined
  /** The gateway's, that lead to ours; 0: none. */
  readonly externalPorts: { -readonly [P in TransportProtocol]: number }
  checkedPieces: number
  /** Who wants what is on disk checked. */
  readonly recheckIds: Set<number>
  recheck: Recheck | undefined
  rechecks: number

  connections: number
  unchokeSlots: number

  readonly table: PieceTable
  /** By file: what the user wants. */
  filePriorities: Uint8Array
  /** Found with the storage, and not told of yet: nobody wants them. */
  longFiles: ReadonlyArray<LongFile>
  /** By piece: what that comes to, kept while there are windows: in one it is the highest priority instead. */
  basePriorities: Uint8Array | undefined
  readonly windows: Windows
  /** Peers that would send us something, as of the last tick. */
  helpers: number
  awaitsPriorities: boolean
  /** Some file is, or was, not wanted: the storage knows. */
  isSelective: boolean
  readonly downloads: Downloads
  /** Slots not in use; empty from the start when pieces are written through. */
  readonly freeSlots: number[]
  /** How many slots there are, and how many of them may be in use, but for who would have nothing to do. */
  readonly slots: number
  mostSlots: number
  readonly usesSlots: boolean
  /** Bytes on their way to the storage block by block, and how many there may be. */
  throughBytes: number
  mostThroughBytes: number
  /** A peer found no slot free: ask again when one is. */
  isStarved: boolean

  readonly peers: Map<PeerKey, PeerModel>
  readonly dialling: Map<PeerKey, PeerAddress & { readonly isPunch?: boolean }>
  nextDialKey: PeerKey
  readonly candidates: Candidates
  readonly bans: Bans
  readonly suspects: Suspects
  readonly addressVotes: AddressVotes
  /** Where our DHT node is; 0: nowhere. */
  dhtPort: number
  readonly trackers: Trackers
  /** Everything was there once, at the start or later: `completed` is announced once, by who downloaded. */
  hasCompleted: boolean
  readonly resume: ResumeModel
  /** Every wanted piece was had when it was looked at last. */
  wasDone: boolean
  isDoneTold: boolean
  /** All that was written is flushed, and nothing is left to write. */
  isFlushed: boolean
  /** Flushes that are not answered. */
  pendingFlushes: number
  /** Something was written since the last flush was asked for. */
  hasUnflushed: boolean
  isFlushing: boolean

  /** Pieces had since the last tick, to be told to the peers. */
  readonly newHaves: number[]
  lastTickAt: number
  lastChokeAt: number
  /** An unchoked peer has left since the last tick. */
  hasFreedSlot: boolean
  readonly retries: StorageRetry[]
  /** The failure of the storage that was told last: many of its kind come at once. */
  toldFailure: StorageError | undefined
  retryAt: number
  stopAt: number

  readonly down: RateMeter
  readonly up: RateMeter
  readonly allowance: Allowance
  downloaded: number
  uploaded: number
  wireDown: number
  wireUp: number
  wasted: number
  corrupt: number

  readonly hashTrees: HashTrees
  /** The time until which what was hashed for leaves takes, at the rate that it may have. */
  leavesUntil: number

  /** Failures of policies that were told of, and when. */
  readonly policyFailures: Map<string, PolicyFailure>

  /** Of the present turn. */
  effects: SessionEffect[]
  notices: Notice[]
  readonly touched: PeerModel[]
  /** Rates were above zero at the last tick: one more snapshot will show that they are not. */
  wasMoving: boolean
  /** The phase or completeness changed: a snapshot is due at once. */
  isUrgent: boolean
}

const NOTHING: ReadonlyArray<never> = []

export const HEALTHY: StorageHealth = { _tag: 'Healthy' }

/** The model before its first event. */
export const createModel = (config: SessionConfig, at: number): SessionModel => {
  const { metainfo } = config
  const geometry = geometryOf(metainfo, config.blockLength)
  const prng = createPrng(config.seed)
  const random = (): number => prng.next()
  // The order of ties is drawn when there is somebody to pick for, from the numbers that are left out here for it.
  const ties = createPrng(prng.state())
  for (let piece = 0; piece < geometry.pieceCount; piece++) prng.next()
  const { pieceCount, pieceLength } = geometry
  const table = createPieceTable(pieceCount, () => ties.next(), extentPieces(pieceCount, pieceLength))
  const priorities = config.priorities ?? metainfo.files.map(() => DEFAULT_PRIORITY)
  disorder(table)
  piecePriorities(metainfo.files, priorities, geometry).forEach((priority, piece) => {
    setPriority(table, piece, priority)
  })
  const usesSlots = geometry.pieceLength <= SESSION_LIMITS.largestSlot
  const slots = usesSlots
    ? Math.min(geometry.pieceCount, Math.floor(SESSION_LIMITS.unverifiedBytes / geometry.pieceLength))
    : 0
  return {
    config,
    geometry,
    nextBlockLength: undefined,
    random,
    now: at,
    phase: 'opening',
    stage: 'opening',
    desired: config.desired ?? 'running',
    isDrained: true,
    pauseBy: Infinity,
    storage: HEALTHY,
    retryMs: SESSION_LIMITS.firstStorageRetryMs,
    isProbing: false,
    failedOperation: undefined,
    isListening: false,
    isPortKnown: false,
    directory: '',
    renamed: new Map(),
    renaming: NOTHING,
    waitingOps: [],
    removal: undefined,
    port: undefined,
    externalPorts: { tcp: 0, udp: 0 },
    checkedPieces: 0,
    recheckIds: new Set(),
    recheck: undefined,
    rechecks: 0,
    connections: config.connections ?? DEFAULT_CONNECTION_LIMITS.connections,
    unchokeSlots: config.unchokeSlots ?? DEFAULT_CONNECTION_LIMITS.unchokeSlots,
    table,
    filePriorities: Uint8Array.from(priorities),
    longFiles: NOTHING,
    basePriorities: undefined,
    windows: createWindows(),
    helpers: 0,
    awaitsPriorities: config.awaitsPriorities ?? false,
    isSelective: false,
    downloads: createDownloads(),
    freeSlots: Array.from({ length: slots }, (_, slot) => slots - 1 - slot),
    slots,
    mostSlots: slots,
    usesSlots,
    throughBytes: 0,
    mostThroughBytes: SESSION_LIMITS.unverifiedBytes,
    isStarved: false,
    peers: new Map(),
    dialling: new Map(),
    nextDialKey: 0,
    candidates: createCandidates(),
    bans: createBans(),
    suspects: createSuspects(),
    addressVotes: createAddressVotes(),
    dhtPort: 0,
    trackers: createTrackers(metainfo.trackers, random),
    hasCompleted: false,
    wasDone: false,
    isDoneTold: false,
    resume: createResumeModel(config, geometry.pieceCount),
    isFlushed: false,
    pendingFlushes: 0,
    hasUnflushed: false,
    isFlushing: false,
    newHaves: [],
    lastTickAt: Infinity,
    lastChokeAt: -Infinity,
    hasFreedSlot: false,
    retries: [],
    toldFailure: undefined,
    retryAt: Infinity,
    stopAt: Infinity,
    down: createRateMeter(at),
    up: createRateMeter(at),
    allowance: createAllowance(config.groups ?? [], at),
    downloaded: 0,
    uploaded: 0,
    wireDown: 0,
    wireUp: 0,
    wasted: 0,
    corrupt: 0,
    hashTrees: createHashTrees(),
    leavesUntil: -Infinity,
    policyFailures: new Map(),
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
