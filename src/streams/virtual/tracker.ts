import { delay, map, type Observable, of, switchMap, timer } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { AnnounceRequest, AnnounceResponse } from '../../codecs/announce.js'
import { toHex } from '../../codecs/bytes.js'
import type { ScrapeEntry } from '../../codecs/scrapeResponse.js'
import { parseTrackerUrl } from '../../codecs/trackerUrl.js'
import { createPrng } from '../../operators/random.js'
import type { Clock, TrackerClient, TrackerError } from '../deps.js'
import { createTrackerSwarm, type TrackerSwarm } from './trackerSwarm.js'

export interface VirtualTrackerOptions {
  readonly clock: Clock
  readonly seed: number
  /** One way; 20 by default. */
  readonly latencyMs?: number
  /** Seconds; 1 800 by default. A peer that is silent for two intervals is forgotten. */
  readonly interval?: number
  /** Seconds; none by default. */
  readonly minInterval?: number
  /** Most peers of an answer, whatever `numWant` says; 50 by default. */
  readonly maxPeers?: number
  /** How long a dead tracker takes to be `TrackerTimeout`; 15 000 by default. */
  readonly timeoutMs?: number
}

/** One announce as it came in. */
export interface AnnounceRecord {
  /** Milliseconds of the clock. */
  readonly at: number
  readonly url: string
  readonly host: string
  readonly request: AnnounceRequest
}

/** All the trackers there are: each URL is one of its own, made by the first announce to it. */
export interface VirtualTracker {
  /** Announces as the host of that address. */
  readonly client: (host: string) => TrackerClient
  /** From now on that URL answers with the error; `TrackerTimeout` takes its time. */
  readonly fail: (url: string, error: TrackerError) => void
  /** Undoes `fail`. */
  readonly restore: (url: string) => void
  /** Every announce that reached a tracker, in order. */
  readonly announces: () => ReadonlyArray<AnnounceRecord>
  /** What a scrape would say. */
  readonly scrape: (url: string, infohash: Uint8Array) => SwarmCounts
}

interface SwarmCounts {
  readonly complete: number
  readonly incomplete: number
}

/**
 * Trackers inside the program: they know who has announced what, and tell each about the others.
 *
 * `stopped` takes a peer out and is answered without peers; everything else puts it in, as a seed where `left` is 0.
 *
 * @example
 * ```ts
 * const tracker = createVirtualTracker({ clock, seed: 1, interval: 60 })
 * tracker.client('10.0.0.1').announce('http://tracker.test/announce', request).subscribe(...)
 * ```
 */
export const createVirtualTracker = (options: VirtualTrackerOptions): VirtualTracker => {
  const { clock, latencyMs = 20, interval = 1_800, minInterval, maxPeers = 50, timeoutMs = 15_000 } = options
  const prng = createPrng(options.seed)
  const swarms = new Map<string, TrackerSwarm>()
  const faults = new Map<string, TrackerError>()
  const log: AnnounceRecord[] = []

  const swarmOf = (url: string, infohash: Uint8Array): TrackerSwarm => {
    const name = `${toHex(infohash)} ${url}`
    const known = swarms.get(name) ?? createTrackerSwarm()
    swarms.set(name, known)
    return known
  }

  const answer = (host: string, url: string, request: AnnounceRequest): AnnounceResponse => {
    const at = clock.now()
    log.push({ at, url, host, request })
    const swarm = swarmOf(url, request.infohash)
    swarm.expire(at - 2_000 * interval)
    swarm.note(host, request, at)
    const numWant = request.event === 'stopped' ? 0 : Math.max(0, Math.min(request.numWant, maxPeers))
    return {
      interval,
      minInterval,
      complete: swarm.complete(),
      incomplete: swarm.incomplete(),
      trackerId: undefined,
      warning: undefined,
      externalIp: host,
      peers: swarm.sample(host, request.port, numWant, prng),
    }
  }

  const refuse = (error: TrackerError, ms: number): Observable<Either<TrackerError, never>> =>
    timer(ms, clock).pipe(map(() => E.left(error)))

  const announce = (
    host: string,
    url: string,
    request: AnnounceRequest,
  ): Observable<Either<TrackerError, AnnounceResponse>> => {
    const parsed = parseTrackerUrl(url)
    if (E.isLeft(parsed)) return refuse(parsed.left, 0)
    return timer(latencyMs, clock).pipe(
      switchMap(() => {
        const fault = faults.get(url)
        if (fault === undefined) return of(E.right(answer(host, url, request))).pipe(delay(latencyMs, clock))
        return refuse(fault, fault._tag === 'TrackerTimeout' ? timeoutMs - latencyMs : latencyMs)
      }),
    )
  }

  const swarmCounts = (url: string, infohash: Uint8Array): SwarmCounts => {
    const swarm = swarmOf(url, infohash)
    return { complete: swarm.complete(), incomplete: swarm.incomplete() }
  }

  const scrapeMany = (
    url: string,
    infohashes: ReadonlyArray<Uint8Array>,
  ): Observable<Either<TrackerError, ReadonlyMap<string, ScrapeEntry>>> => {
    const fault = faults.get(url)
    if (fault !== undefined) return refuse(fault, 2 * latencyMs)
    const unknown = { downloaded: undefined, downloaders: undefined }
    return timer(2 * latencyMs, clock).pipe(
      map(() =>
        E.right(
          new Map(
            infohashes.map((infohash) => [toHex(infohash), { ...swarmCounts(url, infohash), ...unknown }]),
          ),
        ),
      ),
    )
  }

  return {
    client: (host) => ({
      announce: (url, request) => announce(host, url, request),
      scrape: (url, infohashes) => scrapeMany(url, infohashes),
    }),
    fail: (url, error) => {
      faults.set(url, error)
    },
    restore: (url) => {
      faults.delete(url)
    },
    announces: () => log,
    scrape: swarmCounts,
  }
}
