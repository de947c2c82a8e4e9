import { connect, map, merge, reduce, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import { scrapeTorrent, type Metainfo } from '../../index.js'
import type { ScrapeAction } from '../action.js'
import { exitCode } from '../exitCode.js'
import { jsonLine, plainText } from '../format/plainText.js'
import { data, done, end, type Output } from '../output.js'
import { scrapeEvent, scrapeText } from '../scrapeText.js'
import { withTorrent } from '../torrentFile.js'
import type { World } from '../world.js'

/** `rxtorrent scrape`: a line for each tracker, as the answers come. */
export const scrape = ({ file, json }: ScrapeAction, { paintData }: World): Observable<Output> =>
  withTorrent(file, 'any', (metainfo) =>
    scrapeTorrent(metainfo).pipe(
      connect((scrape$) =>
        merge(
          scrape$.pipe(map((one) => data(json ? jsonLine(scrapeEvent(one)) : scrapeText(one, paintData)))),
          scrape$.pipe(
            reduce((answered, { answer }) => answered + (E.isRight(answer) ? 1 : 0), 0),
            map((answered) => verdict(metainfo, answered)),
          ),
        ),
      ),
    ),
  )

const verdict = ({ name, trackers }: Metainfo, answered: number): Output => {
  if (answered > 0) return done()
  const why = trackers.length === 0 ? 'has no tracker' : 'none of its trackers has answered'
  return end(exitCode.noPeers, `${plainText(name)}: ${why}`)
}
