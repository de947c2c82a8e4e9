import { of } from 'rxjs'
import * as E from '#fp/Either'
import type { TrackerError } from '../../codecs/trackerError.js'
import { parseTrackerUrl } from '../../codecs/trackerUrl.js'
import type { TrackerUrl } from '../../codecs/trackerUrl.js'
import type { TrackerClient } from '../deps.js'
import { udpTracker } from '../tracker/udpTracker.js'
import { nodeClock } from './clock.js'
import { nodeDatagrams } from './datagrams.js'
import { httpTracker } from './httpTracker.js'
import type { HttpTrackerOptions } from './httpTracker.js'
import { nodeRandom } from './random.js'
import { nodeResolve } from './resolveName.js'

/** A driver for each scheme that is spoken. */
export type TrackerDrivers = Partial<Readonly<Record<TrackerUrl['scheme'], TrackerClient>>>

/**
 * Gives each announce and scrape to the driver of its URL's scheme; a scheme without one is a `Left`
 * (`UnsupportedTracker`).
 */
export const trackerClient = (drivers: TrackerDrivers): Required<TrackerClient> => {
  const driverOf = (text: string): E.Either<TrackerError, TrackerClient> => {
    const url = parseTrackerUrl(text)
    if (E.isLeft(url)) return url
    const { scheme } = url.right
    const driver = drivers[scheme]
    return driver === undefined ? E.left({ _tag: 'UnsupportedTracker', scheme }) : E.right(driver)
  }
  return {
    announce: (text, request) => {
      const driver = driverOf(text)
      return E.isLeft(driver) ? of(driver) : driver.right.announce(text, request)
    },
    scrape: (text, infohashes) => {
      const driver = driverOf(text)
      if (E.isLeft(driver)) return of(driver)
      return (
        driver.right.scrape?.(text, infohashes) ?? of(E.left<TrackerError>({ _tag: 'ScrapeUnsupported' }))
      )
    },
  }
}

/** The trackers that Node can reach: HTTP, HTTPS and UDP. */
export const nodeTrackers = (options: HttpTrackerOptions = {}): Required<TrackerClient> => {
  const http = httpTracker(options)
  const udp = udpTracker({
    ...options,
    datagrams: nodeDatagrams(),
    clock: nodeClock,
    random: nodeRandom,
    resolve: nodeResolve(options.lookup),
  })
  return trackerClient({ http, https: http, udp })
}
