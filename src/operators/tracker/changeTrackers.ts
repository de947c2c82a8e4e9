import { MAX_TRACKERS, MAX_URL_LENGTH } from '../../codecs/limits.js'
import { addTier, type Trackers } from './tiers.js'

/** What is wrong with trackers that are to be added; undefined: nothing. */
export const trackerUrlsProblem = (trackers: Trackers, urls: ReadonlyArray<string>): string | undefined => {
  if (!Array.isArray(urls) || urls.length === 0) return 'there is no tracker to add'
  if (!urls.every((url) => typeof url === 'string' && url !== '' && url.length <= MAX_URL_LENGTH)) {
    return 'a tracker is not a URL'
  }
  const known = trackers.tiers.reduce((count, tier) => count + tier.length, 0)
  return known + urls.length > MAX_TRACKERS ? `more than ${String(MAX_TRACKERS)} trackers` : undefined
}

/** One more tier. It is asked at once if no tracker before it works. */
export const addTrackers = (trackers: Trackers, urls: ReadonlyArray<string>, now: number): void => {
  if (!addTier(trackers, urls)) return
  trackers.view = undefined
  const { current } = trackers
  const works = current !== undefined && current.failures === 0
  if (trackers.isActive && !works) trackers.nextAt = Math.min(trackers.nextAt, now)
}

export const hasTracker = ({ tiers }: Trackers, url: string): boolean =>
  tiers.some((tier) => tier.some((tracker) => tracker.url === url))

/** The tracker is asked no more, and told so if it counts us in; another takes its place. Unknown ones do not matter. */
export const removeTracker = (trackers: Trackers, url: string, now: number): void => {
  for (const tier of trackers.tiers) {
    const at = tier.findIndex((tracker) => tracker.url === url)
    const [tracker] = at < 0 ? [] : tier.splice(at, 1)
    if (tracker === undefined) continue
    trackers.view = undefined
    tracker.owesStopped ||= tracker.isStarted
    if (tracker.owesStopped || tracker.inFlight > 0) trackers.leaving.add(tracker)
    const isAsked = trackers.round !== undefined && trackers.inFlight.get(trackers.round)?.tracker === tracker
    if (isAsked) trackers.round = undefined
    if (trackers.current === tracker) trackers.current = undefined
    else if (!isAsked) return
    if (trackers.isActive) trackers.nextAt = Math.min(trackers.nextAt, now)
    return
  }
}
