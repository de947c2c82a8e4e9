import type { AnnounceResponse } from '../../codecs/announce.js'
import { MAX_ANNOUNCES_IN_FLIGHT } from '../../codecs/limits.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import {
  type AnnounceContext,
  type AnnounceDue,
  announceFailed,
  announceSucceeded,
  dueAnnounces,
  requestEvent,
} from '../tracker/announceSchedule.js'
import { createTrackers, type Trackers, type TrackerState } from '../tracker/tiers.js'
import { trackerStates } from '../tracker/trackerStates.js'

/**
 * The trackers of a link, each with a schedule of its own: one that knows nobody who has the metadata must not keep the
 * others from being asked, as it would by the order of BEP 12.
 */
export type Announcers = ReadonlyArray<Trackers>

export const createAnnouncers = (urls: ReadonlyArray<string>, random: () => number): Announcers =>
  urls.map((url) => createTrackers([[url]], random))

export const startAnnouncers = (announcers: Announcers, now: number): void => {
  for (const trackers of announcers) requestEvent(trackers, 'started', now)
}

/** As `dueAnnounces`, over all; ids tell which tracker it was. */
export const dueOfAll = (
  announcers: Announcers,
  now: number,
  context: AnnounceContext,
): ReadonlyArray<AnnounceDue> => {
  let inFlight = announcers.reduce((sum, trackers) => sum + trackers.inFlight.size, 0)
  return announcers.flatMap((trackers, index) => {
    if (inFlight >= MAX_ANNOUNCES_IN_FLIGHT) return []
    const due = dueAnnounces(trackers, now, context)
    inFlight += due.length
    return due.map((announce) => ({ ...announce, id: announce.id * announcers.length + index }))
  })
}

/** The tracker that an answer is from; undefined where none is asked under that id. */
export const announcerOf = (announcers: Announcers, id: number): string | undefined => {
  const { trackers, own } = find(announcers, id)
  return trackers?.inFlight.get(own)?.tracker.url
}

export const announcerSucceeded = (
  announcers: Announcers,
  id: number,
  response: AnnounceResponse,
  now: number,
): void => {
  const { trackers, own } = find(announcers, id)
  if (trackers !== undefined) announceSucceeded(trackers, own, response, now)
}

export const announcerFailed = (
  announcers: Announcers,
  id: number,
  error: TrackerError,
  now: number,
): void => {
  const { trackers, own } = find(announcers, id)
  if (trackers !== undefined) announceFailed(trackers, own, error, now)
}

const find = (
  announcers: Announcers,
  id: number,
): { readonly trackers: Trackers | undefined; readonly own: number } => ({
  trackers: announcers[id % announcers.length],
  own: Math.floor(id / announcers.length),
})

export const announcerStates = (announcers: Announcers): ReadonlyArray<TrackerState> =>
  announcers.flatMap((trackers, tier) => trackerStates(trackers).map((state) => ({ ...state, tier })))
