import { catchError, map, type Observable, observeOn, of, tap } from 'rxjs'
import { isGlobalUnicast, parseIp } from '../../codecs/ipAddress.js'
import * as O from '#fp/Option'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { SessionCommand } from '../../operators/session/command.js'
import type { Clock, PeerAddress } from '../deps.js'
import type { SessionDht } from './sessionDht.js'

/**
 * Keeps the DHT node running for a session, and tells the session where it is; the node hears of those that the torrent
 * names (BEP 5). Never errors: a node that does is reported.
 */
export const joinDht = (
  dht: SessionDht,
  { nodes }: Pick<Metainfo, 'nodes'>,
  clock: Clock,
): Observable<SessionCommand> => {
  const named = nodes.filter(isForeign)
  return dht.port$.pipe(
    tap(() => {
      if (named.length > 0) dht.addNodes(named)
    }),
    map((port): SessionCommand => ({ _tag: 'SetDhtPort', port })),
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

/** A torrent does not say what is to be knocked at in our own network. */
const isForeign = ({ host }: PeerAddress): boolean => O.isNone(parseIp(host)) || isGlobalUnicast(host)
