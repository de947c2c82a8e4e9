import type { Option } from '#fp/Option'
import type { AnnounceRequest } from '../../codecs/announce.js'
import type { TrackerError } from '../../codecs/trackerError.js'

/** What is known of one tracker. Mutable, private to the schedule. */
export interface Tracker {
  readonly url: string
  readonly tier: number
  /** Announces failed since the last that did not. */
  failures: number
  /** Not asked again before then. */
  retryAt: number
  /** It answered `started` and has not been told `stopped`. */
  isStarted: boolean
  /** It is to hear `completed` in its next announce. */
  owesCompleted: boolean
  /** It is to hear `stopped`. */
  owesStopped: boolean
  /** Announces under way. */
  inFlight: number
  isWorking: boolean
  lastError: TrackerError | undefined
  trackerId: string | undefined
  seeders: number | undefined
  leechers: number | undefined
  peersReceived: number
}

/** Trackers by tier, each tier in the order in which it is tried (BEP 12). */
export type Tiers = Tracker[][]

/**
 * All trackers of a torrent and when to ask them. Mutable, private to the fold, used linearly.
 *
 * BEP 12: one tracker at a time is asked, the first that works in the first tier that works; each announce starts from
 * the front again. Only `stopped` goes to several, all that were told `started`.
 */
export interface Trackers {
  readonly tiers: Tiers
  /** Trackers that were removed and have something to hear or to answer yet. */
  readonly leaving: Set<Tracker>
  readonly random: () => number
  readonly inFlight: Map<number, InFlight>
  nextId: number
  isActive: boolean
  /** The announce that the present round waits for. */
  round: number | undefined
  /** When the next round begins by itself. */
  nextAt: number
  /** When one may begin because peers are wanted. */
  onDemandAt: number
  /** When they may hear that what they were told is no longer so; undefined: it is. */
  correctAt: number | undefined
  /** When they last heard so. */
  correctedAt: number
  /** The tracker that answered last. */
  current: Tracker | undefined
  /** The last view taken, while it is still true. */
  view: ReadonlyArray<TrackerState> | undefined
}

/** An announce under way. */
export interface InFlight {
  readonly tracker: Tracker
  readonly event: AnnounceRequest['event']
}

/** One tracker, for people. */
export interface TrackerState<E = TrackerError> {
  /** Counted from 0. */
  readonly tier: number
  /** As the torrent gives it: it may hold a passkey. For logs there is `showTrackerUrl`. */
  readonly url: string
  /** Never asked, being asked, answered last time, or did not. */
  readonly status: 'idle' | 'announcing' | 'working' | 'failed'
  readonly lastError: Option<E>
  readonly seeders: Option<number>
  readonly leechers: Option<number>
  /** Milliseconds of the session's clock; none while it is not this tracker's turn, or it is never tried again. */
  readonly nextAnnounceAt: Option<number>
  /** Over all announces; the same peer counts each time. */
  readonly peersReceived: number
}

/** Trackers of a torrent that has not started: nothing is due until `requestEvent(…, 'started', …)`. */
export const createTrackers = (
  tiers: ReadonlyArray<ReadonlyArray<string>>,
  random: () => number,
): Trackers => ({
  tiers: createTiers(tiers, random),
  leaving: new Set(),
  random,
  inFlight: new Map(),
  nextId: 1,
  isActive: false,
  round: undefined,
  nextAt: Infinity,
  onDemandAt: Infinity,
  correctAt: undefined,
  correctedAt: -Infinity,
  current: undefined,
  view: undefined,
})

/** Tiers in the order given, each shuffled; a URL counts where it is first seen. `random` is uniform in [0, 1). */
const createTiers = (tiers: ReadonlyArray<ReadonlyArray<string>>, random: () => number): Tracker[][] => {
  const seen = new Set<string>()
  const fresh = tiers
    .map((urls) => urls.filter((url) => !seen.has(url) && seen.add(url)))
    .filter((urls) => urls.length > 0)
  return fresh.map((urls, tier) => {
    const trackers = urls.map((url) => createTracker(url, tier))
    shuffle(trackers, random)
    return trackers
  })
}

/** Adds a tier of those URLs that are not known yet, shuffled; answers whether there were any. */
export const addTier = ({ tiers, random }: Trackers, urls: ReadonlyArray<string>): boolean => {
  const seen = new Set(tiers.flat().map(({ url }) => url))
  const fresh = urls.filter((url) => !seen.has(url) && seen.add(url))
  if (fresh.length === 0) return false
  const trackers = fresh.map((url) => createTracker(url, tiers.length))
  shuffle(trackers, random)
  tiers.push(trackers)
  return true
}

const createTracker = (url: string, tier: number): Tracker => ({
  url,
  tier,
  failures: 0,
  retryAt: 0,
  isStarted: false,
  owesCompleted: false,
  owesStopped: false,
  inFlight: 0,
  isWorking: false,
  lastError: undefined,
  trackerId: undefined,
  seeders: undefined,
  leechers: undefined,
  peersReceived: 0,
})

const shuffle = (trackers: Tracker[], random: () => number): void => {
  for (let i = trackers.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const moved = trackers[i]!
    trackers[i] = trackers[j]!
    trackers[j] = moved
  }
}

/** The tracker to ask now: the first that is not waiting out a failure, a tier only when all before it are. */
export const firstReady = (tiers: Tiers, now: number): Tracker | undefined => {
  for (const tier of tiers) {
    for (const tracker of tier) if (tracker.retryAt <= now) return tracker
  }
  return undefined
}

/** When the first of the waiting trackers may be asked again; `Infinity` for never. */
export const earliestRetry = (tiers: Tiers): number => {
  let earliest = Infinity
  for (const tier of tiers) {
    for (const tracker of tier) earliest = Math.min(earliest, tracker.retryAt)
  }
  return earliest
}

/** A tracker that answered goes to the front of its tier. */
export const promote = (tiers: Tiers, tracker: Tracker): void => {
  const tier = tiers[tracker.tier]
  if (tier === undefined) return
  tier.splice(tier.indexOf(tracker), 1)
  tier.unshift(tracker)
}
