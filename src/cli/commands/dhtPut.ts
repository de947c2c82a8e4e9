import {
  connect,
  defaultIfEmpty,
  ignoreElements,
  map,
  merge,
  type Observable,
  of,
  switchMap,
  takeLast,
  takeUntil,
} from 'rxjs'
import * as E from '#fp/Either'
import {
  dht,
  encodeBencode,
  publicKeyOf,
  signItem,
  type Dht,
  type DhtItem,
  type DhtPut,
} from '../../index.js'
import type { DhtPutAction } from '../action.js'
import { itemObject, NOBODY_ANSWERED, toHexText } from '../dhtText.js'
import { exitCode } from '../exitCode.js'
import { failed } from '../failed.js'
import { formatCount } from '../format/count.js'
import { jsonLine } from '../format/plainText.js'
import { keyFile } from '../keyFile.js'
import { data, done, end, type Output } from '../output.js'

const MAX_VALUE_BYTES = 1_000

/** `rxtorrent dht put`. Its node answers nobody: it is soon gone. */
export const dhtPut = (action: DhtPutAction): Observable<Output> => {
  const encoded = encodeBencode(action.value)
  if (E.isLeft(encoded) || encoded.right.length > MAX_VALUE_BYTES) {
    return of(
      end(
        exitCode.usage,
        `a value has at most ${String(MAX_VALUE_BYTES)} bytes, those that say how many among them`,
      ),
    )
  }
  const v = encoded.right
  const { bootstrap, keyFile: path } = action
  const node = dht({ readOnly: true, ...(bootstrap.length === 0 ? {} : { bootstrap }) })
  if (path === undefined) return put(node, { _tag: 'ImmutableItem', v }, action)
  return keyFile(path).pipe(
    switchMap((seed) => (E.isLeft(seed) ? of(seed.left) : replace(node, v, seed.right, action))),
  )
}

/** Over what the key has now, whatever that is. */
const replace = (node: Dht, v: Uint8Array, seed: Uint8Array, action: DhtPutAction): Observable<Output> => {
  const salt = new TextEncoder().encode(action.salt)
  const stored$: Observable<Output> = node.get({ publicKey: publicKeyOf(seed), salt }).pipe(
    takeLast(1),
    map((item) => (item._tag === 'MutableItem' ? item.seq : 0)),
    defaultIfEmpty(0),
    switchMap((seq) => put(node, signItem({ v, seed, salt, seq: seq + 1 }), action)),
  )
  // The node is to stay between the two.
  return stored$.pipe(
    connect((output$) =>
      merge(output$, node.state$.pipe(ignoreElements(), takeUntil(output$.pipe(takeLast(1))))),
    ),
  )
}

const put = (node: Dht, item: DhtItem, { json }: DhtPutAction): Observable<Output> =>
  node.put(item).pipe(switchMap((stored) => outcome(item, stored, json)))

const outcome = (item: DhtItem, { target, stored, answers }: DhtPut, json: boolean): Observable<Output> => {
  if (answers === 0) return of(...failed(end(exitCode.nobodyAnswered, NOBODY_ANSWERED), json))
  if (stored === 0) return of(...failed(end(exitCode.noPeers, 'nobody in the DHT would store it'), json))
  const name = toHexText(item._tag === 'MutableItem' ? item.k : target)
  return of(
    data(json ? jsonLine({ event: 'stored', nodes: stored, ...itemObject(item, target) }) : name),
    done(`stored with ${formatCount(stored, 'node')}, for two hours`),
  )
}
