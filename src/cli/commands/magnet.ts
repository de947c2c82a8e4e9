import { of, type Observable } from 'rxjs'
import { encodeMagnet, magnetOf } from '../../index.js'
import type { MagnetAction } from '../action.js'
import { jsonLine } from '../format/plainText.js'
import { data, done, type Output } from '../output.js'
import { withTorrent } from '../torrentFile.js'

/** `rxtorrent magnet`. */
export const magnet = ({ file, json }: MagnetAction): Observable<Output> =>
  withTorrent(file, 'any', (metainfo) => {
    const link = encodeMagnet(magnetOf(metainfo))
    return of(data(json ? jsonLine({ magnet: link }) : link), done())
  })
