import { defer, map, merge, type Observable, of, switchMap, take } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toHex } from '../../codecs/bytes.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import { MAX_SCRAPED_INFOHASHES } from '../../codecs/limits.js'
import type { ScrapeEntry } from '../../codecs/scrapeResponse.js'
import { parseTrackerUrl } from '../../codecs/trackerUrl.js'
import { encodeUdpAnnounce, encodeUdpScrape } from '../../codecs/udpTracker/udpRequest.js'
import { after } from '../../operators/rx/after.js'
import type { ResolveName, TrackerClient, TrackerError } from '../deps.js'
import { createEndpoints, type Endpoint } from './endpoints.js'
import { firstAnswers } from './firstAnswers.js'
import { joinResponses } from './joinResponses.js'
import { trackerAddresses } from './trackerAddresses.js'
import { type ExchangeDeps, udpExchange } from './udpExchange.js'

/** Times in milliseconds. */
export interface UdpTrackerLimits {
  /** For a whole announce or scrape. Default 30 000. */
  readonly announceTimeout?: number
  /** For an announce of `stopped`, which people wait for. Default 5 000. */
  readonly stopTimeout?: number
  /** How far an address reaches; by the registries of special addresses unless given. */
  readonly scopeOf?: (ip: Uint8Array) => IpScope
}

export interface UdpTrackerOptions extends UdpTrackerLimits, ExchangeDeps {
  readonly resolve: ResolveName
}

/** Where a URL without a port leads. */
const DEFAULT_PORT = 80
/** How long the other family may take once one has answered. */
const OTHER_FAMILY_MS = 1_000
/** And how long where it owes an answer since an earlier announce: many machines have a name's IPv6 and no way to it. */
const MUTE_FAMILY_MS = 200

/**
 * Announces and scrapes over UDP (BEP 15; the path goes along as BEP 41 has it). A name with addresses of both families
 * is asked at one of each, so that both kinds of peers are found and find us. Ports are open while something is asked,
 * no longer.
 *
 * @example
 * ```ts
 * const trackers = udpTracker({ datagrams: nodeDatagrams(), clock: nodeClock, random: nodeRandom, resolve: nodeResolve() })
 * trackers.scrape('udp://tracker.example:6969/announce', [infohash]).subscribe(console.log)
 * ```
 */
export const udpTracker = (options: UdpTrackerOptions): Required<TrackerClient> => {
  const { clock, announceTimeout = 30_000, stopTimeout = 5_000 } = options
  const endpointOf = createEndpoints()
  const exchange = udpExchange(options)

  /** Asks at every address of the tracker, within a time. */
  const ask = <A>(
    text: string,
    limitMs: number,
    graceMs: number,
    question: (endpoint: Endpoint, path: string) => Observable<Either<TrackerError, A>>,
  ): Observable<Either<TrackerError, ReadonlyArray<A>>> =>
    defer(() => {
      const place = placeOf(text)
      if (E.isLeft(place)) return of(place)
      const { host, port, path } = place.right
      const answers$ = options.resolve(host).pipe(
        switchMap((found) => {
          if (E.isLeft(found)) return of(unreachable(found.left.code))
          const addresses = trackerAddresses(found.right, path, options.scopeOf)
          if (addresses.length === 0) return of(E.left<TrackerError>({ _tag: 'TrackerAddressRefused' }))
          const endpoints = addresses.map((address) => endpointOf(address, port))
          const asked = endpoints.map((endpoint) => question(endpoint, path))
          return firstAnswers(
            asked,
            endpoints.some(isMute) ? Math.min(graceMs, MUTE_FAMILY_MS) : graceMs,
            clock,
          )
        }),
      )
      const timeout$ = after(limitMs, clock).pipe(map(() => E.left<TrackerError>({ _tag: 'TrackerTimeout' })))
      return merge(answers$, timeout$).pipe(take(1))
    })

  const isMute = ({ askedAt }: Endpoint): boolean =>
    askedAt !== undefined && clock.now() - askedAt > OTHER_FAMILY_MS

  /** As many packets as it takes, one after the other. */
  const scrapeAll = (
    endpoint: Endpoint,
    infohashes: ReadonlyArray<Uint8Array>,
  ): Observable<Either<TrackerError, ReadonlyArray<ScrapeEntry>>> => {
    if (infohashes.length === 0) return of(E.right([]))
    const some = infohashes.slice(0, MAX_SCRAPED_INFOHASHES)
    return exchange(endpoint, {
      action: 'scrape',
      encode: (id, number) => encodeUdpScrape(id, number, some),
    }).pipe(
      switchMap((answer) => {
        if (E.isLeft(answer)) return of(answer)
        const entries = answer.right._tag === 'Scraped' ? answer.right.entries.slice(0, some.length) : []
        // A tracker that answers for fewer has no more to say.
        if (entries.length < some.length) return of(E.right(entries))
        return scrapeAll(endpoint, infohashes.slice(some.length)).pipe(
          map(E.map((others) => [...entries, ...others])),
        )
      }),
    )
  }

  return {
    announce: (url, request) =>
      ask(
        url,
        request.event === 'stopped' ? stopTimeout : announceTimeout,
        OTHER_FAMILY_MS,
        (endpoint, path) =>
          exchange(endpoint, {
            action: 'announce',
            encode: (id, number) => encodeUdpAnnounce(id, number, request, path),
          }).pipe(map(E.map((answer) => (answer._tag === 'Announced' ? [answer.response] : [])))),
      ).pipe(map(E.map((responses) => joinResponses(responses.flat())))),
    scrape: (url, infohashes) =>
      ask(url, announceTimeout, 0, (endpoint) => scrapeAll(endpoint, infohashes)).pipe(
        map(E.map(([entries = []]) => byInfohash(infohashes, entries))),
      ),
  }
}

const unreachable = (code: string): Either<TrackerError, never> =>
  E.left({ _tag: 'TrackerUnreachable', code })

interface Place {
  readonly host: string
  readonly port: number
  /** With its query. */
  readonly path: string
}

const placeOf = (text: string): Either<TrackerError, Place> => {
  const tracker = parseTrackerUrl(text)
  if (E.isLeft(tracker)) return tracker
  const { scheme, url } = tracker.right
  if (scheme !== 'udp') return E.left({ _tag: 'UnsupportedTracker', scheme })
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  if (port === 0) return E.left({ _tag: 'InvalidTrackerUrl' })
  return E.right({ host: url.hostname.replace(/^\[|\]$/g, ''), port, path: url.pathname + url.search })
}

const byInfohash = (
  infohashes: ReadonlyArray<Uint8Array>,
  entries: ReadonlyArray<ScrapeEntry>,
): ReadonlyMap<string, ScrapeEntry> => new Map(entries.map((entry, i) => [toHex(infohashes[i]!), entry]))
