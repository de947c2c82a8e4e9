import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { scrapeEvent, scrapeText } from '../../src/cli/scrapeText.js'
import { noPaint } from '../../src/cli/world.js'
import type { TrackerScrape } from '../../src/index.js'

const url = 'http://user:secret@t.example:80/passkey/announce?secret=1'
const said = (answer: TrackerScrape['answer']): TrackerScrape => ({ tier: 1, url, answer })
const entry = { complete: 1, incomplete: 0, downloaded: undefined, downloaders: undefined }

describe('scrapeText', () => {
  it.each([
    [E.right(O.some(entry)), '1 seed, 0 peers, downloads unknown'],
    [E.right(O.none), 'does not know this torrent'],
    [
      E.left({ _tag: 'TrackerFailure', reason: 'no\u001b', retryInSeconds: undefined } as const),
      'it says: no\\u{1b}',
    ],
  ])('says %j without secrets', (answer, text) => {
    expect(scrapeText(said(answer), noPaint)).toBe(`http://t.example  ${text}`)
  })
})

describe('scrapeEvent', () => {
  const tracker = { tracker: 'http://t.example', tier: 1 }

  it.each([
    [
      E.right(O.some(entry)),
      { event: 'scraped', ...tracker, isKnown: true, seeds: 1, peers: 0, downloads: null },
    ],
    [
      E.right(O.none),
      { event: 'scraped', ...tracker, isKnown: false, seeds: null, peers: null, downloads: null },
    ],
    [
      E.left({ _tag: 'ScrapeUnsupported' } as const),
      { event: 'scrapeFailed', ...tracker, reason: 'it has no scrape' },
    ],
  ])('says %j without secrets', (answer, event) => {
    expect(scrapeEvent(said(answer))).toEqual(event)
  })
})
