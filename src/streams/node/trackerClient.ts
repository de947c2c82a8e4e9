import { map, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import { hideSecrets } from '../../codecs/hideSecrets.js'
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
 * (`UnsupportedTracker`). What trackers say is handed on without the secrets of their URLs.
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
      if (E.isLeft(driver)) return of(driver)
      return driver.right
        .announce(text, request)
        .pipe(
          withoutSecrets(text),
          map(
            E.map((response) =>
              response.warning === undefined
                ? response
                : { ...response, warning: hideSecrets(response.warning, text) },
            ),
          ),
        )
    },
    scrape: (text, infohashes) => {
      const driver = driverOf(text)
      if (E.isLeft(driver)) return of(driver)
      const answer$ = driver.right.scrape?.(text, infohashes)
      return answer$?.pipe(withoutSecrets(text)) ?? of(E.left<TrackerError>({ _tag: 'ScrapeUnsupported' }))
    },
  }
}

/** What the tracker refuses with, without the secrets of its own URL. */
const withoutSecrets =
  (url: string) =>
  <A>(answer$: Observable<E.Either<TrackerError, A>>): Observable<E.Either<TrackerError, A>> =>
    answer$.pipe(
      map(
        E.mapLeft((error) =>
          error._tag === 'TrackerFailure' ? { ...error, reason: hideSecrets(error.reason, url) } : error,
        ),
      ),
    )

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
