import { EMPTY, finalize, mergeMap, Observable, type Subscriber, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { equalBytes, toHex } from '../../codecs/bytes.js'
import type { SoughtTorrent } from '../../codecs/encryption/responder.js'
import { torrentMark } from '../../codecs/encryption/secrets.js'
import type { SwarmNames } from '../../codecs/swarmHash.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import type { ListenEvent, Network, PeerSocket, SessionDeps, SocketError } from '../deps.js'
import { acceptEncrypted, type AcceptedPeer } from '../encryption/acceptEncrypted.js'
import { dialEncrypted } from '../encryption/dialEncrypted.js'
import { ENCRYPTION_POLICIES, type EncryptionPolicy } from '../encryption/policy.js'
import { MAX_OPENING } from '../peer/wires.js'
import { connectionBudget } from './connectionBudget.js'
import { opening } from './opening.js'

interface Ear {
  readonly names: SwarmNames
  readonly policy: EncryptionPolicy
  readonly subscriber: Subscriber<Either<SocketError, ListenEvent>>
  hasFailed: boolean
}

/** One listening port for many torrents: who comes in names the torrent, and is handed to its session. */
export interface SharedPort {
  /**
   * The network as the session of that torrent is to see it, by its encryption policy. What it listens to is its part of
   * the port: the port and host that it asks for do not matter. A second listener for the same torrent is refused with
   * `EADDRINUSE`.
   */
  readonly forInfohash: (names: SwarmNames, policy: EncryptionPolicy) => Network
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
  { network, clock, keyExchange }: Pick<SessionDeps, 'network' | 'clock' | 'keyExchange'>,
  { port: wanted, connections }: { readonly port: number; readonly connections: number },
): SharedPort => {
  const budget = connectionBudget(connections, network.connect)
  const ears = new Map<string, Ear>()
  /** Those that may be asked for by who comes encrypted, by their torrent's mark. */
  const marks = new Map<string, { readonly infohash: Uint8Array; readonly ear: Ear }>()
  /** Accepted and silent about their torrent, the longest first. */
  const waiting = new Set<Subscriber<never>>()
  let listening = Subscription.EMPTY
  let isOpen = false
  let isClosed = false
  let port: number | undefined
  /** For those who come later. */
  let utpFailure: Either<SocketError, ListenEvent> | undefined

  const findTorrent = (mark: Uint8Array): SoughtTorrent | undefined => {
    const named = marks.get(toHex(mark))
    return named && { infohash: named.infohash, methods: ENCRYPTION_POLICIES[named.ear.policy].methods }
  }
  const accept = (socket: PeerSocket): AcceptedPeer =>
    keyExchange === undefined || marks.size === 0
      ? { socket, encryptedFor: () => undefined }
      : acceptEncrypted(socket, { keyExchange, findTorrent, takesPlain: true })

  const introduce = (accepted: PeerSocket): Observable<never> => {
    const [eldest] = waiting
    if (eldest !== undefined && waiting.size >= MAX_OPENING) eldest.complete()
    return new Observable<never>((subscriber) => {
      waiting.add(subscriber)
      subscriber.add(() => waiting.delete(subscriber))
      const { socket: named, encryptedFor } = accept(accepted)
      subscriber.add(
        opening(named, clock).subscribe({
          next: (opened) => {
            const ear = ears.get(toHex(opened.infohash))
            if (ear === undefined || !isWelcome(ear, encryptedFor())) {
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
          utpFailure = undefined
        }),
        mergeMap((event): Observable<never> => {
          if (E.isRight(event)) {
            if (event.right._tag === 'Accepted') return introduce(event.right.socket)
            if (event.right._tag === 'Listening') port = event.right.port
            else utpFailure = event
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

  const listen = (
    names: SwarmNames,
    policy: EncryptionPolicy,
  ): Observable<Either<SocketError, ListenEvent>> =>
    new Observable((subscriber) => {
      const keys = names.map(toHex)
      if (isClosed || keys.some((key) => ears.has(key))) {
        // A port opened by who comes late would stay open.
        subscriber.next(E.left({ _tag: 'SocketError', code: isClosed ? 'ECANCELED' : 'EADDRINUSE' }))
        subscriber.complete()
        return
      }
      const ear: Ear = { names, policy, subscriber, hasFailed: false }
      const secrets =
        policy === 'disabled' ? [] : names.map((name) => [toHex(torrentMark(name)), name] as const)
      for (const key of keys) ears.set(key, ear)
      for (const [mark, infohash] of secrets) marks.set(mark, { infohash, ear })
      subscriber.add(() => {
        for (const key of keys) ears.delete(key)
        for (const [mark] of secrets) marks.delete(mark)
      })
      if (!isOpen) {
        open()
        return
      }
      if (port !== undefined) subscriber.next(E.right({ _tag: 'Listening', port }))
      if (utpFailure !== undefined) subscriber.next(utpFailure)
    })

  return {
    forInfohash: (names, policy) => ({
      connect:
        keyExchange === undefined || policy === 'disabled'
          ? budget.connect
          : dialEncrypted(budget.connect, { policy, infohash: names[0], keyExchange, clock }),
      listen: () => listen(names, policy),
    }),
    port: () => port,
    close: () => {
      isClosed = true
      listening.unsubscribe()
    },
  }
}

/** Who comes encrypted for one torrent has not come for another; plain is not enough for some. */
const isWelcome = ({ names, policy }: Ear, encryptedFor: Uint8Array | undefined): boolean =>
  encryptedFor === undefined
    ? ENCRYPTION_POLICIES[policy].takesPlain
    : names.some((name) => equalBytes(name, encryptedFor))
