import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { DhtEvent } from '../../operators/dht/event.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import type { BindOptions, DatagramSocket } from '../deps.js'
import type { DhtDeps } from './dhtDeps.js'

/** A port of ours, by what it is opened with. */
export type DhtBinding = Pick<BindOptions, 'port' | 'family' | 'host'>

/**
 * Opens a port of a DHT node: `Bound`, what comes in, and `Unbound` when it closes or could not be opened, the last
 * event. While it is open it is in `sockets`, by its number. Cold; unsubscribing closes it.
 */
export const openPort = (
  { clock, datagrams }: Pick<DhtDeps, 'clock' | 'datagrams'>,
  home: number,
  binding: DhtBinding,
  sockets: Map<number, DatagramSocket>,
): Observable<DhtEvent> => {
  const unbound = (code: string): DhtEvent => ({ _tag: 'Unbound', at: clock.now(), home, code })
  const port$ = new Observable<DhtEvent>((events) => {
    let code = 'CLOSED'
    const onError = (thrown: unknown): void => {
      events.error(thrown)
    }
    const open = (socket: DatagramSocket): void => {
      sockets.set(home, socket)
      events.add(() => {
        sockets.delete(home)
      })
      events.add(
        socket.datagram$.subscribe({
          next: ({ from, bytes }) => {
            events.next({ _tag: 'Received', at: clock.now(), home, from, bytes })
          },
          error: onError,
        }),
      )
      events.next({ _tag: 'Bound', at: clock.now(), home, local: socket.local })
    }
    events.add(
      datagrams.bind(binding).subscribe({
        next: (bound) => {
          if (E.isRight(bound)) open(bound.right)
          else code = bound.left.code
        },
        error: onError,
        complete: () => {
          sockets.delete(home)
          events.next(unbound(code))
          events.complete()
        },
      }),
    )
  })
  return port$.pipe(failAsEvent(() => unbound('EUNEXPECTED')))
}
