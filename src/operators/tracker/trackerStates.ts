import * as O from '#fp/Option'
import type { Tracker, Trackers, TrackerState } from './tiers.js'

/** All trackers, by tier, in the order of BEP 12. The same array as long as nothing changes. */
export const trackerStates = (trackers: Trackers): ReadonlyArray<TrackerState> =>
  (trackers.view ??= trackers.tiers.flat().map((tracker) => toState(trackers, tracker)))

const toState = (trackers: Trackers, tracker: Tracker): TrackerState => ({
  tier: tracker.tier,
  url: tracker.url,
  status: status(tracker),
  lastError: O.fromNullable(tracker.lastError),
  seeders: O.fromNullable(tracker.seeders),
  leechers: O.fromNullable(tracker.leechers),
  nextAnnounceAt: O.fromPredicate(Number.isFinite)(nextAnnounceAt(trackers, tracker)),
  peersReceived: tracker.peersReceived,
})

const status = (tracker: Tracker): TrackerState['status'] => {
  if (tracker.inFlight > 0) return 'announcing'
  if (tracker.lastError !== undefined) return 'failed'
  return tracker.isWorking ? 'working' : 'idle'
}

const nextAnnounceAt = (trackers: Trackers, tracker: Tracker): number => {
  if (!trackers.isActive || tracker.inFlight > 0) return Infinity
  if (tracker.failures > 0) return tracker.retryAt
  return tracker === trackers.current ? trackers.nextAt : Infinity
}
