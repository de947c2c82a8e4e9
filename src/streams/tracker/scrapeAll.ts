import { from, map, mergeMap, type Observable, of } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { toHex } from '../../codecs/bytes.js'
import { MAX_ANNOUNCES_IN_FLIGHT } from '../../codecs/limits.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { ScrapeEntry } from '../../codecs/scrapeResponse.js'
import { swarmHash } from '../../codecs/swarmHash.js'
import type { TrackerClient, TrackerError } from '../deps.js'
import { limitTrackers } from './limitTrackers.js'

/** What one tracker of a torrent says of its swarm. */
export interface TrackerScrape {
  /** Counted from 0. */
  readonly tier: number
  /** As the torrent gives it: it may hold a passkey. */
  readonly url: string
  /** None where the tracker does not know the torrent. */
  readonly answer: Either<TrackerError, Option<ScrapeEntry>>
}

/** Asks every tracker of a torrent, many at once; answers as they come, one for each. */
export const scrapeAll = (metainfo: Metainfo, trackers: TrackerClient): Observable<TrackerScrape> => {
  const infohash = swarmHash(metainfo)
  const limited = limitTrackers(MAX_ANNOUNCES_IN_FLIGHT)(trackers)
  const places = metainfo.trackers.flatMap((urls, tier) => urls.map((url) => ({ tier, url })))
  return from(places).pipe(
    mergeMap((place) =>
      scrapeOne(limited, place.url, infohash).pipe(map((answer) => ({ ...place, answer }))),
    ),
  )
}

const scrapeOne = (
  { scrape }: TrackerClient,
  url: string,
  infohash: Uint8Array,
): Observable<TrackerScrape['answer']> => {
  if (scrape === undefined) return of(E.left<TrackerError>({ _tag: 'ScrapeUnsupported' }))
  return scrape(url, [infohash]).pipe(map(E.map((entries) => O.fromNullable(entries.get(toHex(infohash))))))
}
