/**
 * The pure engine: the fold, its events and effects, policies and their combinators, views, and the small RxJS
 * operators that the rest is made with. Runs wherever JavaScript does.
 *
 * @packageDocumentation
 */
export { fifo } from './rx/fifo.js'
export { shareLatest } from './rx/shareLatest.js'
export { snapshotEvery } from './rx/snapshotEvery.js'
export { failAsEvent } from './rx/failAsEvent.js'

export { slice } from './view/slice.js'
export { whenComplete } from './view/whenComplete.js'

export type { PickContext, PieceIndex, PiecePolicy } from './piece/policy.js'
export { deadline } from './piece/deadline.js'
export { defaultPiecePolicy } from './piece/defaultPiecePolicy.js'
export { none, orElse, orElseMonoid } from './piece/orElse.js'
export { randomFirst } from './piece/randomFirst.js'
export { rarestFirst } from './piece/rarestFirst.js'
export { inRange, restrictTo } from './piece/restrictTo.js'
export { selectFiles } from './piece/selectFiles.js'
export { sequential } from './piece/sequential.js'
export { weighted } from './piece/weighted.js'
export { when } from './piece/when.js'

export type { ChokePeer, ChokePolicy, ChokeRound } from './choke/policy.js'
export { defaultChoke } from './choke/defaultChoke.js'

export type { CandidateSource, DialCandidate, DialContext, PeerPolicy } from './peer/policy.js'
export { defaultDial } from './peer/dialPolicy.js'
export type { PeerKey } from './peer/peerKey.js'

export type { RateContext, RateLimits, RatePolicy } from './rate/policy.js'
export { unlimited } from './rate/policy.js'

export type { TrackerState } from './tracker/tiers.js'

export type { SessionCommand } from './session/command.js'
export type { SessionEffect } from './session/effect.js'
export type { PeerCloseReason, SessionEvent } from './session/event.js'
export { createModel, type SessionConfig, type SessionModel } from './session/model.js'
export type { Notice } from './session/notice.js'
export { defaultPolicies, type SessionPolicies } from './session/policies.js'
export { replay, type ReplayedTurn } from './session/replay.js'
export type {
  Bitfield,
  FileState,
  PeerState,
  PiecesState,
  Progress,
  Rates,
  SessionPhase,
  SessionState,
  Totals,
} from './session/state.js'
export { pieceStatus } from './session/state.js'
export type { StorageError } from './session/storageError.js'
export { type Turn, turn } from './session/turn.js'
