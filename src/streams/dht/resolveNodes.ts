import { catchError, defer, forkJoin, map, type Observable, of } from 'rxjs'
import * as O from '#fp/Option'
import { parseIp } from '../../codecs/ipAddress.js'
import { DHT_LIMITS } from '../../operators/dht/limits.js'
import type { PeerAddress } from '../deps.js'
import type { DhtDeps } from './dhtDeps.js'

/**
 * The IP addresses of nodes that are given by name or address, the first 64. Emits once and completes; what cannot be
 * found is left out.
 */
export const resolveNodes = (
  nodes: ReadonlyArray<PeerAddress>,
  lookUp: DhtDeps['lookUp'],
): Observable<ReadonlyArray<PeerAddress>> => {
  if (nodes.length === 0) return of([])
  const addressesOf = ({ host, port }: PeerAddress): Observable<ReadonlyArray<PeerAddress>> =>
    O.isSome(parseIp(host))
      ? of([{ host, port }])
      : defer(() => lookUp?.(host) ?? of([])).pipe(
          map((found) => found.map((address) => ({ host: address, port }))),
          catchError(() => of([])),
        )
  return forkJoin(nodes.slice(0, DHT_LIMITS.bootstrapAddresses).map(addressesOf)).pipe(
    map((found) => found.flat().slice(0, DHT_LIMITS.bootstrapAddresses)),
  )
}
