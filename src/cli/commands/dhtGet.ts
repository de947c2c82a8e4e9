import { defaultIfEmpty, map, type Observable, of, switchMap, takeLast } from 'rxjs'
import { dht, targetOf, type DhtItem, type DhtKey } from '../../index.js'
import type { DhtGetAction } from '../action.js'
import { itemObject, itemText, toHexText } from '../dhtText.js'
import { exitCode } from '../exitCode.js'
import { jsonLine } from '../format/plainText.js'
import { data, done, end, type Output } from '../output.js'

const PUBLIC_KEY_BYTES = 32

/** `rxtorrent dht get`. Its node answers nobody: it is soon gone. */
export const dhtGet = ({ target, salt, bootstrap, json }: DhtGetAction): Observable<Output> => {
  const node = dht({ readOnly: true, ...(bootstrap.length === 0 ? {} : { bootstrap }) })
  const wanted: Uint8Array | DhtKey =
    target.length === PUBLIC_KEY_BYTES ? { publicKey: target, salt: new TextEncoder().encode(salt) } : target
  return node.get(wanted).pipe(
    // Of a key, the last is the newest.
    takeLast(1),
    map((item): DhtItem | undefined => item),
    defaultIfEmpty(undefined),
    switchMap((item) =>
      item === undefined
        ? of(end(exitCode.noPeers, `${toHexText(target)}: nobody in the DHT has it`))
        : of(
            data(json ? jsonLine({ event: 'item', ...itemObject(item, targetOf(item)) }) : itemText(item)),
            done(),
          ),
    ),
  )
}
