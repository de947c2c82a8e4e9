import type { AnnounceRequest, AnnounceResponse } from '../../codecs/announce.js'
import { MAX_ANNOUNCES_IN_FLIGHT } from '../../codecs/limits.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import type { InFlight, Tracker, Trackers } from './tiers.js'
import { earliestRetry, firstReady, promote } from './tiers.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const MIN_INTERVAL = MINUTE
const MAX_INTERVAL = 60 * MINUTE
/** Between announces on demand, where the tracker names no `min interval`. */
const DEFAULT_MIN_INTERVAL = 5 * MINUTE
/** Over which announces are spread that came due in one moment. */
const SPREAD = MINUTE
const FIRST_RETRY = 15 * SECOND
const LAST_RETRY = 60 * MINUTE
/** Retries come up to this share later, so that clients of a tracker that fell do not return as one. */
const RETRY_JITTER = 0.25

/** What the session tells trackers, beyond what the schedule knows itself. */
export interface AnnounceContext extends Omit<AnnounceRequest, 'event' | 'trackerId'> {
  /** Peers are needed before the interval is over. */
  readonly wantPeers: boolean
  /** Nothing is wanted any more, though not all is there (BEP 21). */
  readonly isPartialSeed: boolean
}

/** An announce to make now. The answer comes back under `id`. */
export interface AnnounceDue {
  readonly id: number
  readonly url: string
  readonly request: AnnounceRequest
}

/**
 * Tells the trackers of a change in the torrent's life.
 *
 * - `started`: announces begin, at once.
 * - `completed`: the tracker in use hears of it at once. Not to be called when the data was complete at the start.
 * - `stopped`: announces end; every tracker that answered `started` is told, once.
 */
export const requestEvent = (
  trackers: Trackers,
  event: 'started' | 'completed' | 'stopped',
  now: number,
): void => {
  trackers.view = undefined
  if (event === 'completed') {
    for (const tracker of trackers.tiers.flat()) tracker.owesCompleted = tracker.isStarted
    if (trackers.isActive) trackers.nextAt = Math.min(trackers.nextAt, now)
    return
  }
  if (event === 'started' && trackers.isActive) return
  trackers.round = undefined
  trackers.isActive = event === 'started'
  trackers.nextAt = event === 'started' ? now : Infinity
  trackers.onDemandAt = Infinity
  for (const tracker of trackers.tiers.flat()) tracker.owesStopped = event === 'stopped' && tracker.isStarted
}

/**
 * Where we are found has changed. The tracker in use hears of it at once, as of `completed`: what it tells others is of no
 * use to them. A second time within five minutes waits until it lets itself be asked on demand.
 */
export const announceSoon = (trackers: Trackers, now: number): void => {
  trackers.view = undefined
  trackers.correctAt = now < trackers.correctedAt + DEFAULT_MIN_INTERVAL ? trackers.onDemandAt : now
  trackers.nextAt = Math.min(trackers.nextAt, Math.max(now, trackers.correctAt))
}

/**
 * After a time in which nothing was looked at, since the machine slept: what came due meanwhile comes due over the next
 * minute, since all the sessions of all the machines that wake with it would ask at once.
 */
export const spreadAnnounces = (trackers: Trackers, lastSeenAt: number, now: number): void => {
  const later = now + SPREAD * trackers.random()
  const spread = (at: number): number => (at > lastSeenAt && at <= now ? later : at)
  trackers.view = undefined
  trackers.nextAt = spread(trackers.nextAt)
  trackers.onDemandAt = spread(trackers.onDemandAt)
}

/** The announces to make at `now` (milliseconds), which count as under way from here on. */
export const dueAnnounces = (
  trackers: Trackers,
  now: number,
  context: AnnounceContext,
): readonly AnnounceDue[] => {
  const stops = dueStops(trackers, context)
  return trackers.isActive ? [...stops, ...dueRound(trackers, now, context)] : stops
}

const dueRound = (trackers: Trackers, now: number, context: AnnounceContext): readonly AnnounceDue[] => {
  if (trackers.round !== undefined) return []
  const isDue = trackers.nextAt <= now || (context.wantPeers && trackers.onDemandAt <= now)
  if (!isDue) return []
  const tracker = firstReady(trackers.tiers, now)
  if (tracker === undefined) {
    trackers.view = undefined
    trackers.nextAt = earliestRetry(trackers.tiers)
    trackers.onDemandAt = Infinity
    return []
  }
  // It would not know which of the two came first.
  if (isBeingTold(trackers, tracker, 'stopped')) return []
  // Due until some tracker has answered, even when peers are no longer wanted by then.
  trackers.nextAt = Math.min(trackers.nextAt, now)
  const whenRegular = context.isPartialSeed ? 'paused' : undefined
  const event = !tracker.isStarted ? 'started' : tracker.owesCompleted ? 'completed' : whenRegular
  const due = begin(trackers, tracker, event, context)
  trackers.round = due.id
  if (trackers.correctAt !== undefined) trackers.correctedAt = now
  trackers.correctAt = undefined
  return [due]
}

const dueStops = (trackers: Trackers, context: AnnounceContext): readonly AnnounceDue[] => {
  const due: AnnounceDue[] = []
  if (trackers.isActive && trackers.leaving.size === 0) return due
  for (const tracker of trackers.isActive ? trackers.leaving : everyTracker(trackers)) {
    if (trackers.inFlight.size >= MAX_ANNOUNCES_IN_FLIGHT) break
    if (!tracker.owesStopped) continue
    tracker.owesStopped = false
    tracker.isStarted = false
    due.push(begin(trackers, tracker, 'stopped', context))
  }
  return due
}

const everyTracker = ({ tiers, leaving }: Trackers): ReadonlyArray<Tracker> => [...tiers.flat(), ...leaving]

const isBeingTold = (trackers: Trackers, tracker: Tracker, event: AnnounceRequest['event']): boolean => {
  for (const announce of trackers.inFlight.values()) {
    if (announce.tracker === tracker && announce.event === event) return true
  }
  return false
}

const begin = (
  trackers: Trackers,
  tracker: Tracker,
  event: AnnounceRequest['event'],
  context: AnnounceContext,
): AnnounceDue => {
  const id = trackers.nextId++
  trackers.view = undefined
  trackers.inFlight.set(id, { tracker, event })
  tracker.inFlight++
  const { infohash, peerId, port, uploaded, downloaded, left, key } = context
  const numWant = event === 'stopped' ? 0 : context.numWant
  const { trackerId, url } = tracker
  return {
    id,
    url,
    request: { infohash, peerId, port, uploaded, downloaded, left, event, numWant, key, trackerId },
  }
}

const end = (trackers: Trackers, id: number): InFlight | undefined => {
  const announce = trackers.inFlight.get(id)
  if (announce === undefined) return undefined
  trackers.inFlight.delete(id)
  trackers.view = undefined
  announce.tracker.inFlight--
  forgetIfLeft(trackers, announce.tracker)
  if (trackers.round === id) trackers.round = undefined
  return announce
}

/** A removed tracker that has heard all. */
const forgetIfLeft = ({ leaving }: Trackers, tracker: Tracker): void => {
  if (tracker.inFlight === 0 && !tracker.owesStopped) leaving.delete(tracker)
}

/** The tracker answered. Ids that are not under way are ignored. */
export const announceSucceeded = (
  trackers: Trackers,
  id: number,
  response: AnnounceResponse,
  now: number,
): void => {
  const isRound = trackers.round === id
  const announce = end(trackers, id)
  if (announce === undefined) return
  const { tracker, event } = announce
  tracker.failures = 0
  tracker.retryAt = 0
  tracker.isWorking = true
  tracker.lastError = undefined
  tracker.trackerId = response.trackerId ?? tracker.trackerId
  tracker.seeders = response.complete ?? tracker.seeders
  tracker.leechers = response.incomplete ?? tracker.leechers
  tracker.peersReceived += response.peers.length
  if (event === 'stopped') return
  if (event === 'completed') tracker.owesCompleted = false
  tracker.isStarted = true
  // It counts us in although we left while it was answering.
  const isRemoved = !isListed(trackers, tracker)
  if (!trackers.isActive || isRemoved) tracker.owesStopped = true
  if (isRemoved) trackers.leaving.add(tracker)
  if (!isRound || isRemoved) return
  promote(trackers.tiers, tracker)
  trackers.current = tracker
  const { interval, minInterval } = intervals(response)
  trackers.onDemandAt = now + minInterval
  const { correctAt } = trackers
  // What changed while it was answering.
  const isMistaken = correctAt !== undefined
  trackers.nextAt = tracker.owesCompleted ? now : isMistaken ? Math.max(now, correctAt) : now + interval
}

const isListed = ({ tiers }: Trackers, tracker: Tracker): boolean =>
  tiers[tracker.tier]?.includes(tracker) === true

/** Milliseconds between announces that a tracker asks for, within bounds: regular ones, and ones on demand. */
const intervals = (
  response: AnnounceResponse,
): { readonly interval: number; readonly minInterval: number } => {
  const { minInterval = 0 } = response
  const interval = clamp(Math.max(response.interval, minInterval) * SECOND, MIN_INTERVAL, MAX_INTERVAL)
  const wanted = response.minInterval === undefined ? DEFAULT_MIN_INTERVAL : minInterval * SECOND
  return { interval, minInterval: clamp(wanted, MIN_INTERVAL, interval) }
}

const clamp = (value: number, min: number, max: number): number => Math.min(Math.max(value, min), max)

/**
 * The tracker did not answer, or said no: it is left alone for 15 s, twice as long at each further failure, at most an
 * hour; or for as long as it said itself. The next in line is due at once. Ids that are not under way are ignored.
 */
export const announceFailed = (trackers: Trackers, id: number, error: TrackerError, now: number): void => {
  const announce = end(trackers, id)
  if (announce === undefined) return
  const { tracker, event } = announce
  tracker.isWorking = false
  tracker.lastError = error
  if (event === 'stopped') return
  tracker.failures++
  tracker.retryAt = now + retryDelay(error, tracker.failures, trackers.random())
}

const retryDelay = (error: TrackerError, failures: number, chance: number): number => {
  switch (error._tag) {
    case 'UnsupportedTracker':
    case 'InvalidTrackerUrl':
      return Infinity
    case 'TrackerFailure':
      if (error.retryInSeconds !== undefined) return Math.max(error.retryInSeconds * SECOND, MIN_INTERVAL)
      break
    default:
  }
  const delay = FIRST_RETRY * 2 ** Math.min(failures - 1, 16)
  return Math.min(delay * (1 + RETRY_JITTER * chance), LAST_RETRY)
}

/** Whether no tracker still has to hear `stopped`, or to answer it. */
export const isStopAnnounced = (trackers: Trackers): boolean => {
  for (const { event } of trackers.inFlight.values()) if (event === 'stopped') return false
  return !everyTracker(trackers).some((tracker) => tracker.owesStopped)
}
