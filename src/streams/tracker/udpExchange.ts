import {
  defaultIfEmpty,
  defer,
  finalize,
  map,
  merge,
  type Observable,
  of,
  share,
  switchMap,
  take,
} from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { type ConnectionId, encodeUdpConnect } from '../../codecs/udpTracker/udpRequest.js'
import type { UdpResponse } from '../../codecs/udpTracker/udpResponse.js'
import { after } from '../../operators/rx/after.js'
import type { Clock, Datagrams, DatagramSocket, Random, TrackerError } from '../deps.js'
import { askUdp, FIRST_WAIT_MS } from './askUdp.js'
import type { Connection, Endpoint } from './endpoints.js'
import { sharedSockets } from './sharedSockets.js'

/** BEP 15: a client may use a connection id for one minute. */
const CONNECTION_MS = 60_000

export interface ExchangeDeps {
  readonly datagrams: Datagrams
  readonly clock: Clock
  readonly random: Random
}

/** Something to ask once there is a connection. */
export interface UdpRequest {
  readonly action: 'announce' | 'scrape'
  readonly encode: (connectionId: ConnectionId, transactionId: number) => Uint8Array
}

/** An answer that is no refusal. */
export type UdpAnswer = Exclude<UdpResponse, { readonly _tag: 'Refused' }>

/**
 * Asks a UDP tracker something: connects where there is no connection younger than a minute, together with whoever does
 * so already, then asks. Cold; emits once, after however long the tracker takes, and completes.
 */
export const udpExchange = (
  deps: ExchangeDeps,
): ((endpoint: Endpoint, request: UdpRequest) => Observable<Either<TrackerError, UdpAnswer>>) => {
  const socketOf = sharedSockets(deps.datagrams)
  const { clock } = deps

  const connect = (
    socket: DatagramSocket,
    endpoint: Endpoint,
  ): Observable<Either<TrackerError, Connection>> => {
    const { connection } = endpoint
    if (connection !== undefined && connection.expiresAt > clock.now()) return of(E.right(connection))
    endpoint.connecting ??= {
      answer$: askUdp(deps, socket, endpoint, 'connect', encodeUdpConnect).pipe(
        map((response) => {
          if (response._tag !== 'Connected') return E.left(refusal(response))
          const fresh = { id: response.connectionId, socket, expiresAt: clock.now() + CONNECTION_MS }
          endpoint.connection = fresh
          return E.right(fresh)
        }),
        finalize(() => {
          endpoint.connecting = undefined
        }),
        share(),
      ),
    }
    return endpoint.connecting.answer$
  }

  const exchange = (
    socket: DatagramSocket,
    endpoint: Endpoint,
    request: UdpRequest,
  ): Observable<Either<TrackerError, UdpAnswer>> => {
    const again$ = defer(() => exchange(socket, endpoint, request))
    const ask = (connection: Connection): Observable<Either<TrackerError, UdpAnswer>> => {
      const { action, encode } = request
      const answer$ = askUdp(deps, socket, endpoint, action, (id) => encode(connection.id, id))
      // A tracker honours an id for another minute: what is on its way may be answered yet.
      const expiry$ = after(Math.max(connection.expiresAt - clock.now(), FIRST_WAIT_MS), clock)
      return merge(answer$, expiry$).pipe(
        take(1),
        switchMap((answer) => {
          if (answer === 0) return again$
          if (answer._tag !== 'Refused') return of(E.right(answer))
          if (endpoint.connection === connection) endpoint.connection = undefined
          // What another port of ours was given may be void for this one.
          return connection.socket === socket ? of(E.left(refusal(answer))) : again$
        }),
      )
    }
    return connect(socket, endpoint).pipe(
      switchMap((connected) => (E.isLeft(connected) ? of(connected) : ask(connected.right))),
    )
  }

  return (endpoint, request) =>
    socketOf(endpoint.family).pipe(
      switchMap(
        E.match(
          ({ code }) => of(E.left<TrackerError>({ _tag: 'TrackerUnreachable', code })),
          (socket) => exchange(socket, endpoint, request),
        ),
      ),
      take(1),
      // The system has closed the port.
      defaultIfEmpty(E.left<TrackerError>({ _tag: 'TrackerUnreachable', code: 'ECLOSED' })),
    )
}

const refusal = (response: UdpResponse): TrackerError => ({
  _tag: 'TrackerFailure',
  reason: response._tag === 'Refused' ? response.reason : '',
  retryInSeconds: undefined,
})
