import { of, type Observable } from 'rxjs'
import type { InfoAction } from '../action.js'
import { jsonLine } from '../format/plainText.js'
import { infoObject, infoText } from '../infoText.js'
import { data, done, type Output } from '../output.js'
import { withTorrent } from '../torrentFile.js'
import type { World } from '../world.js'

/** `rxtorrent info`. */
export const info = ({ file, json }: InfoAction, { paintData }: World): Observable<Output> =>
  withTorrent(file, 'any', (metainfo) =>
    of(data(json ? jsonLine(infoObject(metainfo)) : infoText(metainfo, paintData)), done()),
  )
