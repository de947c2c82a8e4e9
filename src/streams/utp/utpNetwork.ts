import { Observable, ReplaySubject, share } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Either } from '#fp/Either'
import { formatIp, parseIp } from '../../codecs/ipAddress.js'
import { UTP_LIMITS } from '../../operators/utp/limits.js'
import type {
  BindOptions,
  Clock,
  Datagrams,
  DatagramSocket,
  ListenEvent,
  Network,
  PeerAddress,
  PeerSocket,
  Random,
  SocketError,
} from '../deps.js'
import { createUtpPort, type UtpPort } from './utpPort.js'

export interface UtpDeps {
  readonly datagrams: Datagrams
  readonly clock: Clock
  readonly random: Random
}

type Binding = Pick<BindOptions, 'port' | 'family' | 'host'>

/** Opens with the first subscription; closes with the last one, and the last connection that was accepted. */
type SharedPort = Observable<Either<SocketError, UtpPort>>

/**
 * uTP (BEP 29) as a `Network`, over UDP: what `nodeNetwork` puts beside TCP. It listens on one port of each family, IPv6
 * where there is such a thing, and dials from the port that it listens on, as address translators and BEP 55 want it;
 * from any other while it does not listen. Only IP addresses can be dialled.
 *
 * @example
 * ```ts
 * const network = utpNetwork({ datagrams: nodeDatagrams(), clock: nodeClock, random: nodeRandom })
 * network.connect({ host: '192.0.2.1', port: 6881 }).subscribe((connected) => {
 *   if (connected._tag === 'Right') connected.right.write([bytes])
 * })
 * ```
 */
export const utpNetwork = (deps: UtpDeps): Network => {
  const anyPort = {
    4: sharedUtpPort(deps, { port: 0, family: 4 }),
    6: sharedUtpPort(deps, { port: 0, family: 6 }),
  }
  /** What is listened on, the latest last. */
  const listening = { 4: new Set<SharedPort>(), 6: new Set<SharedPort>() }

  const connect = (address: PeerAddress): Observable<Either<SocketError, PeerSocket>> =>
    new Observable((subscriber) => {
      const family = familyOf(address.host)
      const port$ = [...listening[family]].pop() ?? anyPort[family]
      const dial = (port: UtpPort): void => {
        subscriber.add(port.connect(plain(address)).subscribe(subscriber))
      }
      subscriber.add(
        port$.subscribe({
          next: (opened) => {
            if (E.isRight(opened)) {
              dial(opened.right)
              return
            }
            subscriber.next(opened)
            subscriber.complete()
          },
          error: (thrown: unknown) => {
            subscriber.error(thrown)
          },
          complete: () => {
            subscriber.complete()
          },
        }),
      )
    })

  const listen: Network['listen'] = ({ port, host }) =>
    new Observable<Either<SocketError, ListenEvent>>((subscriber) => {
      let isListening = false
      let failure: SocketError | undefined

      const open = (families: ReadonlyArray<4 | 6>, wanted: number): void => {
        const [family, ...others] = families
        if (family === undefined) {
          if (!isListening && failure !== undefined) subscriber.next(E.left(failure))
          if (!isListening) subscriber.complete()
          return
        }
        const binding = { port: wanted, family, ...(host === undefined ? {} : { host }) }
        const port$ = sharedUtpPort(deps, binding)
        subscriber.add(() => listening[family].delete(port$))
        subscriber.add(
          port$.subscribe({
            next: (opened) => {
              if (E.isLeft(opened)) {
                failure ??= opened.left
                open(others, wanted)
                return
              }
              listening[family].add(port$)
              const number = opened.right.local.port
              opened.right.onAccepted((socket) => {
                subscriber.next(E.right({ _tag: 'Accepted', socket }))
              })
              subscriber.add(() => {
                opened.right.onAccepted(undefined)
              })
              if (!isListening) subscriber.next(E.right({ _tag: 'Listening', port: number }))
              isListening = true
              // Both families are to have the same number.
              open(others, number)
            },
            error: (thrown: unknown) => {
              subscriber.error(thrown)
            },
            complete: () => listening[family].delete(port$),
          }),
        )
      }
      open(host === undefined ? [4, 6] : [familyOf(host)], port)
    })

  return { connect, listen }
}

const sharedUtpPort = (deps: UtpDeps, binding: Binding): SharedPort => {
  const hold = (): (() => void) => {
    const held = port$.subscribe({ error: () => undefined })
    return () => {
      held.unsubscribe()
    }
  }
  const port$ = openUtpPort(deps, binding, hold).pipe(share({ connector: () => new ReplaySubject(1) }))
  return port$
}

const openUtpPort = (
  { datagrams, clock, random }: UtpDeps,
  binding: Binding,
  hold: () => () => void,
): SharedPort =>
  new Observable((subscriber) => {
    let port: UtpPort | undefined
    // Before the socket closes: there are good-byes to send.
    subscriber.add(() => port?.close())
    subscriber.add(
      datagrams.bind({ ...binding, receiveBytes: UTP_LIMITS.receiveBytes }).subscribe({
        next: (bound) => {
          const opened = E.map((socket: DatagramSocket) => createUtpPort({ socket, clock, random, hold }))(
            bound,
          )
          port = E.isRight(opened) ? opened.right : undefined
          subscriber.next(opened)
        },
        error: (thrown: unknown) => {
          subscriber.error(thrown)
        },
        complete: () => {
          subscriber.complete()
        },
      }),
    )
  })

/** As the system writes the address of what comes from there. */
const plain = ({ host, port }: PeerAddress): PeerAddress => ({
  host: O.getOrElse(() => host)(O.chain(formatIp)(parseIp(host))),
  port,
})

const familyOf = (host: string): 4 | 6 => (host.includes(':') ? 6 : 4)
