import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { pipe } from '#fp/function'
import { encodeMagnet, magnetOf, type Metainfo } from '../index.js'
import { jsonLine } from './format/plainText.js'
import { magnetObject, magnetText } from './magnetText.js'
import type { End } from './output.js'
import { readMagnet } from './readMagnet.js'
import type { Paint } from './world.js'

/** What `info` says of a magnet link. */
export const shownLink = (link: string, json: boolean, paint: Paint): Either<End, string> =>
  pipe(
    readMagnet(link),
    E.map((magnet) => (json ? jsonLine(magnetObject(magnet)) : magnetText(magnet, paint))),
  )

/** What `magnet` says of a torrent. */
export const linkText =
  (json: boolean) =>
  (metainfo: Metainfo): string => {
    const magnet = encodeMagnet(magnetOf(metainfo))
    return json ? jsonLine({ magnet }) : magnet
  }
