import { EMPTY, finalize, mergeMap, Observable, type Subscriber, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toHex } from '../../codecs/bytes.js'
import type { SwarmNames } from '../../codecs/swarmHash.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import type { ListenEvent, Network, PeerSocket, SessionDeps, SocketError } from '../deps.js'
import { MAX_OPENING } from '../peer/wires.js'
import { connectionBudget } from './connectionBudget.js'
import { opening } from './opening.js'

interface Ear {
  readonly subscriber: Subscriber<Either<SocketError, ListenEvent>>
  hasFailed: boolean
}

/** One listening port for many torrents: who comes in names the torrent, and is handed to its session. */
export interface SharedPort {
  /**
   * The network as the session of that torrent is to see it. What it listens to is its part of the port: the port and
   * host that it asks for do not matter. A second listener for the same torrent is refused with `EADDRINUSE`.
   */
  readonly forInfohash: (names: SwarmNames) => Network
  /** Once it is open. */
  readonly port: () => number | undefined
  /** Closes the port, for good, and the connections that have not yet named a torrent. */
  readonly close: () => void
}

/**
 * The port opens with the first session that listens and stays, whoever leaves, until `close`: trackers and peers have
 * been told of it. A failure to open it reaches every session that listens; the next one that comes tries again,
 * for all of them.
 *
 * At most 64 connections at a time may keep us waiting for their handshake, each for 10 s; of a flood, the eldest go.
 * Beyond those, no more than `connections` are open at a time, whoever dialled.
 */
export const sharedPort = (
  { network, clock }: Pick<SessionDeps, 'network' | 'clock'>,
  { port: wanted, connections }: { readonly port: number; readonly connections: number },
): SharedPort => {
  const budget = connectionBudget(connections, network.connect)
  const ears = new Map<string, Ear>()
  /** Accepted and silent about their torrent, the longest first. */
  const waiting = new Set<Subscriber<never>>()
  let listening = Subscription.EMPTY
  let isOpen = false
  let isClosed = false
  let port: number | undefined

  const introduce = (accepted: PeerSocket): Observable<never> => {
    const [eldest] = waiting
    if (eldest !== undefined && waiting.size >= MAX_OPENING) eldest.complete()
    return new Observable<never>((subscriber) => {
      waiting.add(subscriber)
      subscriber.add(() => waiting.delete(subscriber))
      subscriber.add(
        opening(accepted, clock).subscribe({
          next: (opened) => {
            const ear = ears.get(toHex(opened.infohash))
            if (ear === undefined) {
              opened.socket.destroy()
              return
            }
            const socket = budget.admit(opened.socket)
            if (socket !== undefined) ear.subscriber.next(E.right({ _tag: 'Accepted', socket }))
          },
          error: () => {
            subscriber.complete()
          },
          complete: () => {
            subscriber.complete()
          },
        }),
      )
    })
  }

  /** A failure is told once to each; that it works after all, to all. */
  const tellAll = (event: Either<SocketError, ListenEvent>): void => {
    const hasFailed = E.isLeft(event)
    for (const ear of new Set(ears.values())) {
      if (hasFailed && ear.hasFailed) continue
      ear.hasFailed = hasFailed
      ear.subscriber.next(event)
    }
  }

  const open = (): void => {
    isOpen = true
    listening = network
      .listen({ port: wanted })
      .pipe(
        failAsEvent(() => E.left({ _tag: 'SocketError', code: 'EUNEXPECTED' } as const)),
        finalize(() => {
          isOpen = false
          port = undefined
        }),
        mergeMap((event): Observable<never> => {
          if (E.isRight(event)) {
            if (event.right._tag === 'Accepted') return introduce(event.right.socket)
            port = event.right.port
          }
          tellAll(event)
          return EMPTY
          // One more than there can be: nothing ever waits here.
        }, MAX_OPENING + 1),
      )
      .subscribe({
        error: (thrown: unknown) => {
          for (const { subscriber } of new Set(ears.values())) subscriber.error(thrown)
        },
      })
  }

  const listen = (keys: ReadonlyArray<string>): Observable<Either<SocketError, ListenEvent>> =>
    new Observable((subscriber) => {
      if (isClosed || keys.some((key) => ears.has(key))) {
        // A port opened by who comes late would stay open.
        subscriber.next(E.left({ _tag: 'SocketError', code: isClosed ? 'ECANCELED' : 'EADDRINUSE' }))
        subscriber.complete()
        return
      }
      const ear = { subscriber, hasFailed: false }
      for (const key of keys) ears.set(key, ear)
      subscriber.add(() => {
        for (const key of keys) ears.delete(key)
      })
      if (!isOpen) open()
      else if (port !== undefined) subscriber.next(E.right({ _tag: 'Listening', port }))
    })

  return {
    forInfohash: (names) => ({
      connect: budget.connect,
      listen: () => listen(names.map(toHex)),
    }),
    port: () => port,
    close: () => {
      isClosed = true
      listening.unsubscribe()
    },
  }
}
