import { type Observable, ReplaySubject, share } from 'rxjs'
import type { Either } from '#fp/Either'
import type { Datagrams, DatagramSocket, SocketError } from '../deps.js'

/** One port of each family for all who need one: open while somebody does. */
export const sharedSockets = (
  datagrams: Datagrams,
): ((family: 4 | 6) => Observable<Either<SocketError, DatagramSocket>>) => {
  const open = (family: 4 | 6): Observable<Either<SocketError, DatagramSocket>> =>
    datagrams.bind({ port: 0, family }).pipe(share({ connector: () => new ReplaySubject(1) }))
  const [four$, six$] = [open(4), open(6)]
  return (family) => (family === 4 ? four$ : six$)
}
