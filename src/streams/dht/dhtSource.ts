import {
  combineLatest,
  defer,
  distinctUntilChanged,
  EMPTY,
  map,
  NEVER,
  type Observable,
  of,
  repeat,
  startWith,
  switchMap,
  tap,
  timer,
} from 'rxjs'
import type { PeerSource } from '../../operators/peer/source.js'
import type { PeerAddress } from '../deps.js'
import type { SessionDht } from './sessionDht.js'

export interface DhtSourceOptions {
  /** Uniform in [0, 1): keeps many torrents from going all at once. In the middle where absent. */
  readonly chance?: () => number
}

const MINUTE_MS = 60_000
/** Nodes forget a peer after half an hour or more. */
const ANNOUNCE_MS = 15 * MINUTE_MS
/** While peers are wanted: soon again at first, for swarms that have just begun. */
const FIRST_PAUSE_MS = MINUTE_MS / 4
const LAST_PAUSE_MS = 8 * MINUTE_MS

/**
 * The DHT as a source of peers: looks them up while they are wanted, and makes the session's port known, and whether it
 * is a seed (BEP 33), every quarter of an hour, a fifth sooner or later.
 *
 * @example
 * ```ts
 * const torrent = createSession(metainfo, deps, { sources: [dhtSource(dht)] })
 * ```
 */
export const dhtSource = (
  dht: Pick<SessionDht, 'lookup' | 'announce'>,
  { chance = () => 0.5 }: DhtSourceOptions = {},
): PeerSource => ({
  name: 'dht',
  isPublic: true,
  find: ({ infohash, port$, externalPort$ = port$, isSeed$ = of(false), wantsPeers$, clock }) =>
    defer(() => {
      const around = (ms: number): number => ms * (0.8 + 0.4 * chance())
      let announced: { readonly port: number; readonly seed: boolean; readonly againAt: number } | undefined

      const announce = (port: number, seed: boolean): Observable<PeerAddress> =>
        dht.announce(infohash, port, { seed }).pipe(
          tap({
            complete: () => {
              announced = { port, seed, againAt: clock.now() + around(ANNOUNCE_MS) }
            },
          }),
        )
      return combineLatest([
        externalPort$.pipe(startWith(undefined), distinctUntilChanged()),
        isSeed$.pipe(startWith(false), distinctUntilChanged()),
        wantsPeers$.pipe(distinctUntilChanged()),
      ]).pipe(
        switchMap(([port, seed, isWanted]) => {
          let pauseMs = FIRST_PAUSE_MS / 2
          const untilAnnounce = (): number => {
            if (port === undefined) return Infinity
            if (announced?.port !== port || announced.seed !== seed) return 0
            return announced.againAt - clock.now()
          }
          const round$ = defer(() => {
            if (port !== undefined && untilAnnounce() <= 0) return announce(port, seed)
            return isWanted ? dht.lookup(infohash) : EMPTY
          })
          const pause = (): Observable<unknown> => {
            pauseMs = Math.min(2 * pauseMs, LAST_PAUSE_MS)
            const ms = Math.min(isWanted ? around(pauseMs) : Infinity, untilAnnounce())
            return ms === Infinity ? NEVER : timer(ms, clock)
          }
          return round$.pipe(repeat({ delay: pause }))
        }),
        map((peer) => [peer]),
      )
    }),
})
