/**
 * rxtorrent: BitTorrent as streams. What most programs need; the rest is in `rxtorrent/codecs`, `rxtorrent/operators`,
 * `rxtorrent/streams` and `rxtorrent/testing`.
 *
 * @packageDocumentation
 */
// Sessions
export {
  createSession,
  session,
  type NodeSessionOptions,
  type Session,
  type SessionDeps,
  type SessionOptions,
} from './streams/index.js'
export type {
  Bitfield,
  FileState,
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
  Totals,
  TrackerState,
} from './operators/index.js'
export { pieceStatus, replay, selectFiles, slice, whenComplete } from './operators/index.js'

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
  deadline,
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
export { decodeMetainfo, encodeMetainfo, makeMetainfo, Metainfo, showDecodeError } from './codecs/index.js'
export { VERSION } from './codecs/version.js'
export type { CreateError, CreateEvent, CreateTorrentOptions } from './streams/index.js'
export { createTorrent, pieceVerdict, verifyData, type VerifyProgress } from './streams/index.js'
