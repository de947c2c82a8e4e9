import { filter, map, Observable, ReplaySubject, share } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { looksLikeUtp } from '../../codecs/utp/utpPacket.js'
import { UTP_LIMITS } from '../../operators/utp/limits.js'
import type { BindOptions, Datagrams, DatagramSocket, SocketError } from '../deps.js'

/** Two faces of the same ports. */
export interface SplitDatagrams {
  /** Gets what is uTP. */
  readonly utp: Datagrams
  /** Gets all else: the DHT's. */
  readonly krpc: Datagrams
}

interface SharedSocket {
  readonly socket$: Observable<Either<SocketError, DatagramSocket>>
  /** Faces that have it open. */
  readonly users: Set<keyof SplitDatagrams>
}

/**
 * Lets uTP and a DHT node have the same port: each gets what is its own, by the first byte. The port is open while either
 * of them wants it; a second one of the same kind is refused as a taken port is. Port 0 is each time another one.
 */
export const splitDatagrams = (datagrams: Datagrams): SplitDatagrams => {
  const shared = new Map<string, SharedSocket>()

  const face = (kind: keyof SplitDatagrams): Datagrams => ({
    bind: (options) => {
      const bound$ =
        options.port === 0 || options.multicast !== undefined
          ? datagrams.bind(options)
          : bindShared(kind, options)
      return bound$.pipe(map(E.map(kind === 'utp' ? onlyUtp : withoutUtp)))
    },
  })

  const bindShared = (
    kind: keyof SplitDatagrams,
    options: BindOptions,
  ): Observable<Either<SocketError, DatagramSocket>> =>
    new Observable((subscriber) => {
      const key = `${String(options.family)} ${String(options.port)} ${options.host ?? ''}`
      const known = shared.get(key) ?? {
        socket$: datagrams
          .bind({
            ...options, // Whoever comes first opens it, and uTP needs the room.
            receiveBytes: UTP_LIMITS.receiveBytes,
          })
          .pipe(share({ connector: () => new ReplaySubject(1) })),
        users: new Set(),
      }
      if (known.users.has(kind)) {
        subscriber.next(E.left({ _tag: 'SocketError', code: 'EADDRINUSE' }))
        subscriber.complete()
        return
      }
      shared.set(key, known)
      known.users.add(kind)
      subscriber.add(() => {
        known.users.delete(kind)
        if (known.users.size === 0) shared.delete(key)
      })
      subscriber.add(known.socket$.subscribe(subscriber))
    })

  return { utp: face('utp'), krpc: face('krpc') }
}

const onlyUtp = (socket: DatagramSocket): DatagramSocket => ({
  ...socket,
  datagram$: socket.datagram$.pipe(filter(({ bytes }) => looksLikeUtp(bytes))),
})

const withoutUtp = (socket: DatagramSocket): DatagramSocket => ({
  ...socket,
  datagram$: socket.datagram$.pipe(filter(({ bytes }) => !looksLikeUtp(bytes))),
})
