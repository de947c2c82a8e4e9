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
  type FileRead,
  type ReadError,
  session,
  type SessionFile,
  showReadError,
  type NodeSessionOptions,
  type Session,
  type SessionDeps,
  type SessionOptions,
} from './streams/index.js'
export type {
  Bitfield,
  Limits,
  Notice,
  PeerCloseReason,
  PeerState,
  PiecesState,
  Progress,
  Rates,
  SessionCommand,
  SessionConfig,
  SessionEvent,
  SessionPhase,
  SessionState,
  StorageError,
  StorageHealth,
  Totals,
  TrackerState,
} from './operators/index.js'
export { pieceStatus, replay, slice, whenComplete } from './operators/index.js'

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
  PeerPolicy,
  PickContext,
  PiecePolicy,
  RateContext,
  RateLimits,
  RatePolicy,
  SessionPolicies,
} from './operators/index.js'
export {
  defaultPolicies,
  inRange,
  none,
  orElse,
  randomFirst,
  rarestFirst,
  restrictTo,
  sequential,
  unlimited,
  weighted,
  when,
} from './operators/index.js'

// Torrent files
export type { DecodeError, FileEntry, PeerAddress, TrackerError } from './codecs/index.js'
export {
  decodeMetainfo,
  encodeMetainfo,
  makeMetainfo,
  Metainfo,
  plainText,
  showDecodeError,
  showTrackerError,
} from './codecs/index.js'
export { VERSION } from './codecs/version.js'
export type { CreateError, CreateEvent, CreateTorrentOptions } from './streams/index.js'
export { createTorrent, pieceVerdict, verifyData, type VerifyProgress } from './streams/index.js'
