import { catchError, defer, EMPTY, map, merge, mergeMap, type Observable, observeOn, of, tap } from 'rxjs'
import { isGlobalUnicast, parseIp } from '../../codecs/ipAddress.js'
import * as O from '#fp/Option'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { DhtState } from '../../operators/dht/state.js'
import type { SessionCommand } from '../../operators/session/command.js'
import type { Clock, PeerAddress } from '../deps.js'
import type { SessionDht } from './sessionDht.js'

/**
 * Keeps the DHT node running for a session, and tells the session where it is, or why it is nowhere; the node hears of
 * those that the torrent names (BEP 5). Never errors: a node that does is reported.
 */
export const joinDht = (
  dht: SessionDht,
  { nodes }: Pick<Metainfo, 'nodes'>,
  clock: Clock,
): Observable<SessionCommand> => {
  const named = nodes.filter(isForeign)
  const port$ = dht.port$.pipe(
    tap(() => {
      if (named.length > 0) dht.addNodes(named)
    }),
    map((port): SessionCommand => ({ _tag: 'SetDhtPort', port })),
  )
  return merge(port$, dht.state$ === undefined ? EMPTY : failuresIn(dht.state$)).pipe(
    catchError((thrown: unknown) =>
      of<SessionCommand>({
        _tag: 'ReportFailure',
        policy: 'source',
        message: thrown instanceof Error ? thrown.message : 'threw a value that is no Error',
      }),
    ),
    observeOn(clock),
  )
}

/** Each port that is taken or lost, once; with the last one, peers are told of none any more. */
const failuresIn = (state$: Observable<DhtState>): Observable<SessionCommand> =>
  defer(() => {
    const told = new Set<number>()
    return state$.pipe(
      map(({ homes }) => homes),
      mergeMap((homes) => {
        const fresh = homes.flatMap(({ family, problem }, home): SessionCommand[] => {
          if (O.isNone(problem)) told.delete(home)
          if (O.isNone(problem) || told.has(home)) return []
          told.add(home)
          return [{ _tag: 'ReportDhtFailure', family, code: problem.value }]
        })
        const isGone = fresh.length > 0 && homes.every(({ local }) => O.isNone(local))
        return isGone ? [...fresh, { _tag: 'SetDhtPort', port: 0 } as const] : fresh
      }),
    )
  })

/** A torrent does not say what is to be knocked at in our own network. */
const isForeign = ({ host }: PeerAddress): boolean => O.isNone(parseIp(host)) || isGlobalUnicast(host)
