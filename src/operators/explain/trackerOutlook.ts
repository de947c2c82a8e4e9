import * as O from '#fp/Option'
import { showTrackerUrl } from '../../codecs/trackerUrl.js'
import type { TrackerState } from '../tracker/tiers.js'
import type { TrackerOutlook } from './reason.js'

/** What there is to hope for from the trackers. */
export const trackerOutlook = (trackers: ReadonlyArray<TrackerState>): TrackerOutlook => {
  if (trackers.length === 0) return { _tag: 'NoTrackers' }
  if (trackers.some(({ status }) => status === 'announcing')) return { _tag: 'Announcing' }
  const [next] = [...trackers].sort((a, b) => dueAt(a) - dueAt(b))
  const nextAnnounceAt = next === undefined ? O.none : next.nextAnnounceAt
  const failed = trackers.filter(({ status }) => status === 'failed').sort((a, b) => dueAt(a) - dueAt(b))[0]
  const hasWorking = trackers.some(({ status }) => status === 'working')
  if (failed === undefined || hasWorking || O.isNone(failed.lastError))
    return { _tag: 'Waiting', nextAnnounceAt }
  return {
    _tag: 'AllFailed',
    tracker: showTrackerUrl(failed.url),
    error: failed.lastError.value,
    nextAnnounceAt,
  }
}

const dueAt = ({ nextAnnounceAt }: TrackerState): number => O.getOrElse(() => Infinity)(nextAnnounceAt)
