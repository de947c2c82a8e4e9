import { removeTracker } from './changeTrackers.js'
import { addTier, type Trackers } from './tiers.js'

/** The trackers of an earlier run. */
interface KeptTrackers {
  readonly trackers: ReadonlyArray<ReadonlyArray<string>>
  readonly removedTrackers: ReadonlyArray<string>
}

/** Those of the torrent's own that are not among the trackers any more: somebody has removed them. */
export const removedTrackers = (
  { tiers }: Trackers,
  own: ReadonlyArray<ReadonlyArray<string>>,
): ReadonlyArray<string> => {
  const known = new Set(tiers.flat().map(({ url }) => url))
  return [...new Set(own.flat())].filter((url) => !known.has(url))
}

/**
 * Goes on with the trackers of an earlier run: what was added comes back, what was removed does not. Whatever the user has
 * said in this run counts, and the torrent's own that the earlier run did not know stay.
 */
export const restoreTrackers = (
  trackers: Trackers,
  own: ReadonlyArray<ReadonlyArray<string>>,
  kept: KeptTrackers,
  now: number,
): void => {
  const gone = new Set(removedTrackers(trackers, own))
  const added = new Set(trackers.tiers.slice(own.length).flatMap((tier) => tier.map(({ url }) => url)))
  for (const url of kept.removedTrackers) if (!added.has(url)) removeTracker(trackers, url, now)
  for (const urls of kept.trackers) {
    addTier(
      trackers,
      urls.filter((url) => !gone.has(url)),
    )
  }
  trackers.view = undefined
}
