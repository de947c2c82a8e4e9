import { of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { InfoAction } from '../action.js'
import { jsonLine } from '../format/plainText.js'
import { infoObject, infoText } from '../infoText.js'
import { isMagnet } from '../isMagnet.js'
import { magnetObject, magnetText } from '../magnetText.js'
import { data, done, type Output } from '../output.js'
import { readMagnet } from '../readMagnet.js'
import { withTorrent } from '../torrentFile.js'
import type { World } from '../world.js'

/** `rxtorrent info`. */
export const info = ({ file, json }: InfoAction, { paintData }: World): Observable<Output> => {
  if (!isMagnet(file)) {
    return withTorrent(file, 'any', (metainfo) =>
      of(data(json ? jsonLine(infoObject(metainfo)) : infoText(metainfo, paintData)), done()),
    )
  }
  const magnet = readMagnet(file)
  return E.isLeft(magnet)
    ? of(magnet.left)
    : of(data(json ? jsonLine(magnetObject(magnet.right)) : magnetText(magnet.right, paintData)), done())
}
