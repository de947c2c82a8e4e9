import type { LookupFunction } from 'node:net'
import { map, merge, Observable, of, take } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { AnnounceRequest, AnnounceResponse } from '../../codecs/announce.js'
import { announceUrl, withInfohashes } from '../../codecs/announceQuery.js'
import { decodeAnnounceResponse } from '../../codecs/announceResponse.js'
import { toHex } from '../../codecs/bytes.js'
import type { IpScope } from '../../codecs/ipAddress.js'
import { MAX_SCRAPED_INFOHASHES } from '../../codecs/limits.js'
import { decodeScrapeResponse, type ScrapeEntry } from '../../codecs/scrapeResponse.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import { isScrapePath, parseTrackerUrl, scrapeUrl } from '../../codecs/trackerUrl.js'
import { after } from '../../operators/rx/after.js'
import type { TrackerClient } from '../deps.js'
import { joinResponses } from '../tracker/joinResponses.js'
import { askFamilies } from './askFamilies.js'
import { nodeClock } from './clock.js'
import { httpGet, TIME_IS_UP } from './httpGet.js'
import type { HttpAnswer } from './httpGet.js'

/** Times in milliseconds. */
export interface HttpTrackerOptions {
  /** Until the connection stands, TLS included. Default 10 000. */
  readonly connectTimeout?: number
  /** Until the answer begins, and between two parts of it. Default 10 000. */
  readonly receiveTimeout?: number
  /** For a whole announce or scrape, redirects included. Default 30 000. */
  readonly announceTimeout?: number
  /** For an announce of `stopped`, which people wait for. Default 5 000. */
  readonly stopTimeout?: number
  /** Name resolution; the system's unless given. */
  readonly lookup?: LookupFunction
  /** How far an address reaches; by the registries of special addresses unless given. */
  readonly scopeOf?: (ip: Uint8Array) => IpScope
  /** Certificates (PEM) of authorities to trust instead of the usual ones. */
  readonly ca?: string
}

/**
 * Announces and scrapes over HTTP and HTTPS (BEP 3, 7, 23, 48). A name with addresses of both families is announced to
 * over each, so that both kinds of peers are found and find us. Each request has a connection of its own, gone when the
 * observable has completed or was unsubscribed. See `httpGet` for what is followed, read and refused.
 */
export const httpTracker = (options: HttpTrackerOptions = {}): Required<TrackerClient> => {
  const { announceTimeout = 30_000, stopTimeout = 5_000 } = options
  const get = { connectTimeout: 10_000, receiveTimeout: 10_000, ...options }

  const byFamily = askFamilies(options, get.connectTimeout)

  const announceOnce = async (
    url: URL,
    request: AnnounceRequest,
    lookup: LookupFunction,
    signal: AbortSignal,
  ): Promise<Either<TrackerError, AnnounceResponse>> => {
    const answer = await httpGet(announceUrl(url, request), { ...get, lookup }, signal)
    return E.isLeft(answer) ? answer : readAnswer(answer.right, decodeAnnounceResponse)
  }

  const scrapeOnce = async (
    text: string,
    infohashes: ReadonlyArray<Uint8Array>,
    signal: AbortSignal,
  ): Promise<Either<TrackerError, Scraped>> => {
    const tracker = httpUrl(text)
    if (E.isLeft(tracker)) return tracker
    const url = scrapeUrl(tracker.right)
    if (url === undefined) return E.left({ _tag: 'ScrapeUnsupported' })
    const entries = new Map<string, ScrapeEntry>()
    for (let at = 0; at < infohashes.length; at += MAX_SCRAPED_INFOHASHES) {
      const asked = infohashes.slice(at, at + MAX_SCRAPED_INFOHASHES)
      const answer = await httpGet(withInfohashes(url, asked), { ...get, isLocalPath: isScrapePath }, signal)
      const read = E.isLeft(answer) ? answer : readAnswer(answer.right, decodeScrapeResponse)
      if (E.isLeft(read)) return read
      for (const hex of asked.map(toHex)) {
        const entry = read.right.get(hex)
        if (entry !== undefined) entries.set(hex, entry)
      }
    }
    return E.right(entries)
  }

  return {
    announce: (text, request) => {
      const tracker = httpUrl(text)
      if (E.isLeft(tracker)) return of(tracker)
      const limitMs = request.event === 'stopped' ? stopTimeout : announceTimeout
      const answers$ = byFamily(tracker.right, (lookup) =>
        within(limitMs, (signal) => announceOnce(tracker.right, request, lookup, signal)),
      )
      const timeout$ = after(limitMs, nodeClock).pipe(
        map(() => E.left<TrackerError>({ _tag: 'TrackerTimeout' })),
      )
      return merge(answers$.pipe(map(E.map(joinResponses))), timeout$).pipe(take(1))
    },
    scrape: (url, infohashes) => within(announceTimeout, (signal) => scrapeOnce(url, infohashes, signal)),
  }
}

type Scraped = ReadonlyMap<string, ScrapeEntry>

/** One answer, for which there is so much time. */
const within = <A>(
  limitMs: number,
  ask: (signal: AbortSignal) => Promise<Either<TrackerError, A>>,
): Observable<Either<TrackerError, A>> =>
  new Observable((subscriber) => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      controller.abort(TIME_IS_UP)
    }, limitMs)
    ask(controller.signal).then(
      (result) => {
        subscriber.next(result)
        subscriber.complete()
      },
      (bug: unknown) => {
        subscriber.error(bug)
      },
    )
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  })

const httpUrl = (text: string): Either<TrackerError, URL> => {
  const tracker = parseTrackerUrl(text)
  if (E.isLeft(tracker)) return tracker
  const { scheme, url } = tracker.right
  return scheme === 'udp' ? E.left({ _tag: 'UnsupportedTracker', scheme }) : E.right(url)
}

/** Some trackers give their reasons with an error status. */
const readAnswer = <A>(
  { status, body }: HttpAnswer,
  decode: (body: Uint8Array) => Either<TrackerError, A>,
): Either<TrackerError, A> => {
  const decoded = decode(body)
  const isSuccess = status >= 200 && status < 300
  const isExplained = E.isLeft(decoded) && decoded.left._tag === 'TrackerFailure'
  return isSuccess || isExplained ? decoded : E.left({ _tag: 'TrackerHttpStatus', status })
}
