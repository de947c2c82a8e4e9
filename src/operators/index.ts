/**
 * The pure engine: the fold, its events and effects, policies and their combinators, views, and the small RxJS
 * operators that the rest is made with. Runs wherever JavaScript does.
 *
 * @packageDocumentation
 */
export { after } from './rx/after.js'
export { fifo } from './rx/fifo.js'
export { shareLatest } from './rx/shareLatest.js'
export { snapshotEvery } from './rx/snapshotEvery.js'
export { failAsEvent } from './rx/failAsEvent.js'
export type { ValueOr$ } from './rx/valueOr.js'

export { slice } from './view/slice.js'
export { whenComplete } from './view/whenComplete.js'
export { type CompactAddresses, compactCandidates } from './view/compactCandidates.js'
export type { Buffering } from './rx/buffering.js'
export { toAsyncIterable } from './rx/toAsyncIterable.js'
export { toReadableStream } from './rx/toReadableStream.js'
export { until } from './rx/until.js'

export { show, type ShowOptions } from './view/show.js'
export { why } from './view/why.js'
export { explain, type ExplainContext } from './explain/explain.js'
export { explainText, reasonText } from './explain/explainText.js'
export type { Reason, TrackerOutlook } from './explain/reason.js'

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
export { antiLeech } from './choke/antiLeech.js'
export { bySeeding } from './choke/bySeeding.js'
export { defaultChoke } from './choke/defaultChoke.js'
export { fastestUpload } from './choke/fastestUpload.js'
export { fixedSlots } from './choke/fixedSlots.js'
export { withOptimistic } from './choke/optimistic.js'
export { rateBased, type RateBasedOptions } from './choke/rateBased.js'
export { roundRobin, seedRoundRobin } from './choke/seedRoundRobin.js'
export { titForTat } from './choke/titForTat.js'

export type {
  CandidateSource,
  CandidateState,
  DialCandidate,
  DialContext,
  PeerPolicy,
} from './peer/policy.js'
export type { PeerSource, SwarmView } from './peer/source.js'
export { canonicalPriority } from './peer/canonicalPriority.js'
export { dialOnly } from './peer/dialOnly.js'
export { defaultDial } from './peer/dialPolicy.js'
export { maxConnected } from './peer/maxConnected.js'
export { maxPerHost } from './peer/maxPerHost.js'
export type { PeerKey } from './peer/peerKey.js'

export type { MetadataEffect } from './metadata/effect.js'
export type { MetadataEvent } from './metadata/event.js'
export type { MetadataConfig } from './metadata/model.js'
export type { MetadataReason } from './metadata/reason.js'
export { metadataReasonText } from './metadata/reasons.js'
export { replayMetadata, type ReplayedMetadataTurn } from './metadata/replay.js'
export type {
  FetchedMetadata,
  MetadataError,
  MetadataPeerState,
  MetadataProgress,
  MetadataState,
} from './metadata/state.js'

export { askQueue, type QueueAnswer } from './queue/askQueue.js'
export { fifoQueue, type FifoQueueOptions, seedNeed } from './queue/fifoQueue.js'
export type { QueueContext, QueueEntry, QueuePolicy, SessionKey } from './queue/policy.js'

export type { RateContext, RateLimits, RatePolicy } from './rate/policy.js'
export { unlimited } from './rate/policy.js'
export type { GroupedPeer, GroupRule } from './rate/peerGroup.js'
export { shareRates } from './rate/shareRates.js'
export { fairLimits, type ShareCommand, type SharingSession } from './rate/fairLimits.js'

export { feedback } from './steer/feedback.js'
export type { StreamContext, StreamPolicy } from './steer/policy.js'
export {
  schedule,
  type ScheduleOptions,
  type ScheduleWindow,
  type WeekTime,
  weekTimeOf,
} from './steer/schedule.js'
export { shareRatio } from './steer/shareRatio.js'
export { stopAfterSeeding } from './steer/stopAfterSeeding.js'
export { stopAtRatio } from './steer/stopAtRatio.js'

export type { TrackerState } from './tracker/tiers.js'

export type { DhtAnnounce, DhtCommand, DhtGoal } from './dht/command.js'
export type { DhtEffect } from './dht/effect.js'
export type { DhtEvent } from './dht/event.js'
export { createDhtModel, type DhtConfig, type DhtModel } from './dht/model.js'
export type { DhtNotice, DhtOutcome, DhtReport, DhtSample, DhtScrape } from './dht/notice.js'
export { replayDht, type ReplayedDhtTurn } from './dht/replayDht.js'
export type { DhtHomeState, DhtState, DhtStored, DhtTotals } from './dht/state.js'
export { type DhtTurn, dhtTurn } from './dht/turn.js'

export type { SessionCommand, StorageCommand } from './session/command.js'
export { type ConnectionLimits, DEFAULT_CONNECTION_LIMITS } from './session/connectionLimits.js'
export type { SessionEffect, StorageOpEffect } from './session/effect.js'
export type { PeerCloseReason, SessionEvent, StorageOpEvent } from './session/event.js'
export { createModel, type SessionConfig, type SessionModel } from './session/model.js'
export type { Notice, ResumeRejection } from './session/notice.js'
export { defaultPolicies, type SessionPolicies } from './session/policies.js'
export { replay, type ReplayedTurn } from './session/replay.js'
export type {
  Bitfield,
  CheckProgress,
  DesiredState,
  Limits,
  FileState,
  Lifetime,
  PeerState,
  PiecesState,
  Progress,
  Rates,
  SessionPhase,
  SessionState,
  StorageHealth,
  Totals,
} from './session/state.js'
export { pieceStatus } from './session/state.js'
export { showStorageError } from './session/showStorageError.js'
export type { StorageError } from './session/storageError.js'
export { type Turn, turn } from './session/turn.js'
