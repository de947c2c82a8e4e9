import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { decodeTrackerDict } from './announceResponse.js'
import { isBencodeDict } from './bencode/value.js'
import { integerField } from './bencodeFields.js'
import { fromLatin1, toHex } from './bytes.js'
import type { TrackerError } from './trackerError.js'

/** What a tracker knows of one torrent's swarm (BEP 48). */
export interface ScrapeEntry {
  /** Seeds. */
  readonly complete: number | undefined
  readonly incomplete: number | undefined
  /** How often the download was completed, ever. */
  readonly downloaded: number | undefined
  /** Peers that download (an extension; partial seeds are not counted). */
  readonly downloaders: number | undefined
}

/** Reads the body of an HTTP tracker's answer to a scrape: the entries by infohash in lower-case hexadecimal. */
export const decodeScrapeResponse = (
  bytes: Uint8Array,
): Either<TrackerError, ReadonlyMap<string, ScrapeEntry>> =>
  pipe(
    decodeTrackerDict(bytes),
    E.map((dict) => {
      const files = dict.get('files')
      const entries = new Map<string, ScrapeEntry>()
      for (const [infohash, entry] of isBencodeDict(files) ? files : []) {
        if (infohash.length !== 20 || !isBencodeDict(entry)) continue
        entries.set(toHex(fromLatin1(infohash)), {
          complete: integerField(entry, 'complete', 0),
          incomplete: integerField(entry, 'incomplete', 0),
          downloaded: integerField(entry, 'downloaded', 0),
          downloaders: integerField(entry, 'downloaders', 0),
        })
      }
      return entries
    }),
  )
