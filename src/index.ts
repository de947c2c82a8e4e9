/**
 * rxtorrent: BitTorrent as streams. What most programs need; the rest is in `rxtorrent/codecs`, `rxtorrent/operators`,
 * `rxtorrent/streams` and `rxtorrent/testing`.
 *
 * @packageDocumentation
 */
// Sessions
export {
  type ByteRange,
  createSession,
  type EncryptionPolicy,
  type FileRead,
  hasResume,
  type ReadError,
  session,
  type LimitOptions,
  type SessionFile,
  showReadError,
  type NodeSessionOptions,
  type ResumeStore,
  type PeerGroup,
  type Session,
  type MoveProgress,
  type SessionDeps,
  type SessionFiles,
  type SessionOptions,
  type UtpUse,
} from './streams/index.js'
export {
  type Added,
  type AddError,
  type AddOptions,
  client,
  type Client,
  type ClientAlert,
  type ClientDeps,
  type ClientOptions,
  type ClientState,
  type ClientTotals,
  createClient,
  type FetchingMagnet,
  type KeptTorrents,
  type NodeClientOptions,
  type RemoveError,
  type RemoveOptions,
  type SessionSummary,
} from './streams/index.js'
// Finding peers
export { lsd, lsdSource, type Lsd, type LsdNotice, type NodeLsdOptions } from './streams/index.js'
export {
  type MappedPort,
  mapSession,
  type MapSessionOptions,
  portMapping,
  type PortMappingFailure,
  type PortMappingState,
  type PortToMap,
  type SessionMapping,
  showPortMappingFailure,
} from './streams/index.js'
export type {
  Bitfield,
  CandidateSource,
  CandidateState,
  CheckProgress,
  CompactAddresses,
  DesiredState,
  GroupedPeer,
  GroupRule,
  Limits,
  FileState,
  Lifetime,
  Notice,
  PeerCloseReason,
  PeerState,
  PiecesState,
  Progress,
  Rates,
  ResumeRejection,
  SessionCommand,
  SessionConfig,
  SessionEvent,
  SessionPhase,
  SessionState,
  StorageError,
  StorageHealth,
  Totals,
  TrackerState,
  ValueOr$,
} from './operators/index.js'
export {
  compactCandidates,
  pieceStatus,
  replay,
  selectFiles,
  slice,
  whenComplete,
} from './operators/index.js'

// The DHT
export {
  createDht,
  dht,
  type Dht,
  DHT_BOOTSTRAP,
  type DhtBinding,
  type DhtDeps,
  type DhtKey,
  type DhtOptions,
  type DhtFind,
  type DhtPut,
  type DhtSearches,
  dhtSource,
  type DhtStore,
  type FollowOptions,
  type NodeDhtOptions,
  nodeDhtStore,
  type PutOptions,
  type SessionDht,
} from './streams/index.js'
export type {
  DhtConfig,
  DhtEvent,
  DhtHomeState,
  DhtNotice,
  DhtOutcome,
  DhtSample,
  DhtScrape,
  DhtState,
  DhtTotals,
} from './operators/index.js'
export { replayDht } from './operators/index.js'
export type { DhtItem, DhtNode, ImmutableItem, MutableItem } from './codecs/index.js'
export {
  decodeBencode,
  encodeBencode,
  mutableTarget,
  publicKeyOf,
  signItem,
  targetOf,
} from './codecs/index.js'

// Reading a session: for people, and for code without RxJS
export type { Buffering, ExplainContext, Reason, ShowOptions, TrackerOutlook } from './operators/index.js'
export {
  explain,
  explainText,
  reasonText,
  show,
  showStorageError,
  toAsyncIterable,
  toReadableStream,
  until,
  why,
} from './operators/index.js'

// Policies
export type {
  ChokePeer,
  ChokePolicy,
  ChokeRound,
  DialCandidate,
  DialContext,
  FifoQueueOptions,
  PeerPolicy,
  PeerSource,
  PickContext,
  PiecePolicy,
  QueueContext,
  QueueEntry,
  QueuePolicy,
  RateBasedOptions,
  RateContext,
  RateLimits,
  RatePolicy,
  ScheduleOptions,
  ScheduleWindow,
  SessionKey,
  SessionPolicies,
  StreamContext,
  StreamPolicy,
  WeekTime,
} from './operators/index.js'
export {
  antiLeech,
  bySeeding,
  canonicalPriority,
  deadline,
  defaultPolicies,
  dialOnly,
  fastestUpload,
  feedback,
  fifoQueue,
  fixedSlots,
  inRange,
  maxConnected,
  maxPerHost,
  none,
  orElse,
  randomFirst,
  rarestFirst,
  rateBased,
  restrictTo,
  roundRobin,
  schedule,
  seedRoundRobin,
  sequential,
  shareRatio,
  stopAfterSeeding,
  stopAtRatio,
  titForTat,
  unlimited,
  weekTimeOf,
  weighted,
  when,
  withOptimistic,
} from './operators/index.js'

// Magnet links
export {
  fetchMetadata,
  fetchMetainfo,
  keepTorrent,
  keptTorrent,
  type MetadataDeps,
  type MetadataOptions,
  type NodeMetadataOptions,
} from './streams/index.js'
export type {
  FetchedMetadata,
  MetadataError,
  MetadataPeerState,
  MetadataProgress,
  MetadataReason,
  MetadataState,
} from './operators/index.js'
export { metadataReasonText } from './operators/index.js'

// Torrent files
export type {
  DecodeError,
  FileEntry,
  FileRange,
  Magnet,
  PeerAddress,
  ResumeError,
  TrackerError,
} from './codecs/index.js'
export {
  decodeMagnet,
  decodeMetainfo,
  encodeMagnet,
  encodeMetainfo,
  hasPieceHashes,
  magnetOf,
  makeMetainfo,
  Metainfo,
  showAddress,
  showDecodeError,
  showResumeError,
  plainText,
  showTrackerError,
  wantsFile,
} from './codecs/index.js'
export { VERSION } from './codecs/version.js'
export type { CreateError, CreateEvent, CreateTorrentOptions } from './streams/index.js'
export type { ScrapeEntry } from './codecs/index.js'
export {
  createTorrent,
  type LongFile,
  pieceVerdict,
  prepareHashing,
  savedPriorities,
  scrape,
  scrapeTorrent,
  type TrackerScrape,
  verifyData,
  type VerifyOptions,
  type VerifyProgress,
} from './streams/index.js'
