import { of } from 'rxjs'
import * as E from '#fp/Either'
import type { TrackerError } from '../../codecs/trackerError.js'
import { parseTrackerUrl } from '../../codecs/trackerUrl.js'
import type { TrackerUrl } from '../../codecs/trackerUrl.js'
import type { TrackerClient } from '../deps.js'
import { httpTracker } from './httpTracker.js'
import type { HttpTrackerOptions } from './httpTracker.js'

/** A driver for each scheme that is spoken. */
export type TrackerDrivers = Partial<Readonly<Record<TrackerUrl['scheme'], TrackerClient>>>

/** Gives each announce to the driver of its URL's scheme; a scheme without one is a `Left` (`UnsupportedTracker`). */
export const trackerClient = (drivers: TrackerDrivers): TrackerClient => ({
  announce: (text, request) => {
    const url = parseTrackerUrl(text)
    if (E.isLeft(url)) return of(url)
    const { scheme } = url.right
    const driver = drivers[scheme]
    return driver === undefined
      ? of(E.left<TrackerError>({ _tag: 'UnsupportedTracker', scheme }))
      : driver.announce(text, request)
  },
})

/** The trackers that Node can reach: HTTP and HTTPS. */
export const nodeTrackers = (options: HttpTrackerOptions = {}): TrackerClient => {
  const http = httpTracker(options)
  return trackerClient({ http, https: http })
}
