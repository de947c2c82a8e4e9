import { defer, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { ScrapeEntry } from '../../codecs/scrapeResponse.js'
import type { TrackerClient, TrackerError } from '../deps.js'
import { scrapeAll, type TrackerScrape } from '../tracker/scrapeAll.js'
import { nodeTrackers } from './trackerClient.js'

/**
 * Asks one tracker about torrents (BEP 48 over HTTP, BEP 15 over UDP), by its announce URL: what it knows of each, by
 * infohash in lower-case hexadecimal; those that it does not know are left out. Nothing is announced. Cold; emits once
 * and completes; unsubscribing aborts.
 *
 * @example
 * ```ts
 * scrape('udp://tracker.example:6969/announce', [infohash]).subscribe((answer) => {
 *   if (answer._tag === 'Right') for (const [hex, { complete }] of answer.right) console.log(hex, complete)
 * })
 * ```
 */
export const scrape = (
  url: string,
  infohashes: ReadonlyArray<Uint8Array>,
  trackers?: TrackerClient,
): Observable<Either<TrackerError, ReadonlyMap<string, ScrapeEntry>>> =>
  defer(
    () =>
      (trackers ?? nodeTrackers()).scrape?.(url, infohashes) ??
      of(E.left<TrackerError>({ _tag: 'ScrapeUnsupported' })),
  )

/**
 * Asks every tracker of a torrent, all tiers, what it knows of the swarm; nothing is announced. Cold; one value for each
 * tracker, as the answers come, then completion. A failure is the `Left` of that tracker's `answer`.
 *
 * @example
 * ```ts
 * scrapeTorrent(metainfo).subscribe(({ answer }) => {
 *   if (answer._tag === 'Left') console.error(showTrackerError(answer.left))
 *   else if (answer.right._tag === 'Some') console.log(answer.right.value.complete)
 * })
 * ```
 */
export const scrapeTorrent = (metainfo: Metainfo, trackers?: TrackerClient): Observable<TrackerScrape> =>
  defer(() => scrapeAll(metainfo, trackers ?? nodeTrackers()))
