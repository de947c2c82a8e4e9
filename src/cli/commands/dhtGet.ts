import { from, type Observable, switchMap, takeLast } from 'rxjs'
import { dht, targetOf, type DhtFind, type DhtKey } from '../../index.js'
import type { DhtGetAction } from '../action.js'
import { itemObject, itemText, NOBODY_ANSWERED, toHexText } from '../dhtText.js'
import { exitCode } from '../exitCode.js'
import { failed } from '../failed.js'
import { jsonLine } from '../format/plainText.js'
import { data, done, end, type Output } from '../output.js'

const PUBLIC_KEY_BYTES = 32

/** `rxtorrent dht get`. Its node answers nobody: it is soon gone. */
export const dhtGet = (action: DhtGetAction): Observable<Output> => {
  const { target, salt, bootstrap } = action
  const node = dht({ readOnly: true, ...(bootstrap.length === 0 ? {} : { bootstrap }) })
  const wanted: Uint8Array | DhtKey =
    target.length === PUBLIC_KEY_BYTES ? { publicKey: target, salt: new TextEncoder().encode(salt) } : target
  return node.find(wanted).pipe(
    // Of a key, the last is the newest.
    takeLast(1),
    switchMap((found) => from(outcome(found, action))),
  )
}

const outcome = (found: DhtFind, { target, json }: DhtGetAction): ReadonlyArray<Output> => {
  switch (found._tag) {
    case 'ItemFound': {
      const { item } = found
      const text = json ? jsonLine({ event: 'item', ...itemObject(item, targetOf(item)) }) : itemText(item)
      return [data(text), done()]
    }
    case 'ItemNotFound':
      return failed(end(exitCode.noPeers, `${toHexText(target)}: nobody in the DHT has it`), json)
    case 'NobodyAnswered':
      return failed(end(exitCode.nobodyAnswered, NOBODY_ANSWERED), json)
  }
}
