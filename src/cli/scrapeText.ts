import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import { showTrackerError, type TrackerScrape } from '../index.js'
import { formatCount } from './format/count.js'
import { trackerName } from './trackerText.js'
import type { Paint } from './world.js'

/** What one tracker says, as a program reads it. */
export const scrapeEvent = ({ tier, url, answer }: TrackerScrape): object => {
  const tracker = { tracker: trackerName(url), tier }
  if (E.isLeft(answer)) return { event: 'scrapeFailed', ...tracker, reason: showTrackerError(answer.left) }
  const entry = O.toUndefined(answer.right)
  return {
    event: 'scraped',
    ...tracker,
    isKnown: entry !== undefined,
    seeds: entry?.complete ?? null,
    peers: entry?.incomplete ?? null,
    downloads: entry?.downloaded ?? null,
  }
}

/** The same for people, on one line. */
export const scrapeText = ({ url, answer }: TrackerScrape, paint: Paint): string => {
  const told = pipe(
    answer,
    E.match(
      (error) => paint('red', showTrackerError(error)),
      O.match(
        () => 'does not know this torrent',
        ({ complete, incomplete, downloaded }) =>
          [countOf(complete, 'seed'), countOf(incomplete, 'peer'), countOf(downloaded, 'download')].join(
            ', ',
          ),
      ),
    ),
  )
  return `${paint('dim', trackerName(url))}  ${told}`
}

const countOf = (count: number | undefined, noun: string): string =>
  count === undefined ? `${noun}s unknown` : formatCount(count, noun)
