import { EMPTY, mergeMap, Observable, of, type Subscriber } from 'rxjs'
import * as E from '#fp/Either'
import { encodeReserved } from '../../codecs/handshake.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { Handshake, WireMessage } from '../../codecs/wire/message.js'
import { writeMessages } from '../../codecs/wire/write.js'
import type { PeerKey } from '../../operators/peer/peerKey.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import { incomingReserve, MAX_CONNECTIONS } from '../../operators/session/connectionLimits.js'
import type { NetworkEvent, PeerCloseReason, PeerEvent } from '../../operators/session/event.js'
import type { DialOptions, PeerSocket, SessionDeps } from '../deps.js'
import { wire, type WireHandle } from './wire.js'

/** All peer connections of a session, by key. */
export interface Wires {
  /** Dials and shakes hands. Cold; its last event is `PeerClosed`; unsubscribing closes. */
  readonly dial: (peer: PeerKey, address: PeerAddress, how?: DialOptions) => Observable<PeerEvent>
  /** Listens, and shakes hands with whoever comes. Cold; unsubscribing closes the port and what came through it. */
  readonly listen: (port: number) => Observable<NetworkEvent | PeerEvent>
  readonly close: (peer: PeerKey, reason: PeerCloseReason) => void
  readonly send: (peer: PeerKey, messages: ReadonlyArray<WireMessage>) => void
  /**
   * Writes bytes that are wire messages already; undefined when the peer has gone, else whether its socket is full.
   * `onTaken`: see `PeerSocket.write`.
   */
  readonly write: (peer: PeerKey, bytes: Uint8Array, onTaken?: () => void) => boolean | undefined
}

/** Before both handshakes are done there is only a way to close it. */
interface OpenWire extends Pick<WireHandle, 'close'> {
  readonly opened: (WireHandle & { readonly socket: PeerSocket }) | undefined
}

/** Accepted and still shaking hands, at once: what a flood of connections can make us hold. */
export const MAX_OPENING = 64
const TOO_SLOW: PeerCloseReason = { _tag: 'HandshakeFailed', cause: 'timeout' }
/** Open at once, whoever dialled. The fold closes what is too much; this holds while it has not yet heard of it. */
const MAX_WIRES = MAX_OPENING + MAX_CONNECTIONS + incomingReserve(MAX_CONNECTIONS)

export const createWires = (
  { network, clock }: Pick<SessionDeps, 'network' | 'clock'>,
  identity: {
    readonly infohash: Uint8Array
    /** The v2 half's, cut to 20 bytes, where the torrent has one: it may go by that too (BEP 52). */
    readonly v2Infohash?: Uint8Array | undefined
    readonly peerId: Uint8Array
    readonly pieceCount: number
    /** Whether we have a DHT node to tell of. */
    readonly hasDht?: boolean
  },
): Wires => {
  const open = new Map<PeerKey, OpenWire>()
  const ours: Handshake = {
    infohash: identity.infohash,
    peerId: identity.peerId,
    reserved: encodeReserved({
      fast: true,
      extended: true,
      dht: identity.hasDht === true,
      v2: identity.v2Infohash !== undefined,
    }),
  }
  let nextIncomingKey = 1
  /** Accepted and still shaking hands, the longest first. */
  const opening = new Set<PeerKey>()

  const closedEvent = (peer: PeerKey, reason: PeerCloseReason): PeerEvent => ({
    _tag: 'PeerClosed',
    at: clock.now(),
    peer,
    reason,
  })

  /**
   * Runs `events$` so that it can be closed by key from the first moment; always ends with one `PeerClosed`, whatever
   * fails. One stream for each connection, and few stages: there can be thousands, and each stage is held for all its life.
   */
  const tracked = (
    peer: PeerKey,
    events: (setOpen: (wire: OpenWire) => void) => Observable<PeerEvent>,
  ): Observable<PeerEvent> =>
    new Observable<PeerEvent>((subscriber) => {
      const finish = (reason: PeerCloseReason): void => {
        if (subscriber.closed) return
        subscriber.next(closedEvent(peer, reason))
        subscriber.complete()
      }
      open.set(peer, { opened: undefined, close: finish })
      subscriber.add(() => {
        open.delete(peer)
        opening.delete(peer)
      })
      subscriber.add(
        events((opened) => open.set(peer, opened)).subscribe({
          next: (event) => {
            subscriber.next(event)
          },
          error: () => {
            finish({ _tag: 'SocketFailed', code: 'EUNEXPECTED' })
          },
          complete: () => {
            subscriber.complete()
          },
        }),
      )
    })

  const attach = (
    socket: PeerSocket,
    peer: PeerKey,
    address: PeerAddress,
    direction: 'incoming' | 'outgoing',
    setOpen: (wire: OpenWire) => void,
  ): Observable<PeerEvent> =>
    wire(socket, {
      peer,
      address,
      direction,
      ours,
      v2Infohash: identity.v2Infohash,
      pieceCount: identity.pieceCount,
      clock,
      onOpen: ({ close, awaitDrain }) => {
        opening.delete(peer)
        setOpen({ close, opened: { socket, close, awaitDrain } })
      },
    })

  const dial = (peer: PeerKey, address: PeerAddress, how: DialOptions = {}): Observable<PeerEvent> =>
    tracked(
      peer,
      (setOpen) =>
        new Observable<PeerEvent>((subscriber) =>
          network.connect(address, how.isPunch === true ? { isPunch: true } : undefined).subscribe({
            // The first word and the only one; what follows is the wire's.
            next: (connected) => {
              const event$ = E.isLeft(connected)
                ? of(closedEvent(peer, { _tag: 'SocketFailed', code: connected.left.code }))
                : attach(connected.right, peer, address, 'outgoing', setOpen)
              handOver(event$, subscriber)
            },
            error: (thrown: unknown) => {
              subscriber.error(thrown)
            },
          }),
        ),
    )

  const accept = (socket: PeerSocket): Observable<PeerEvent> => {
    // Who is there to talk shakes hands at once: of a flood, it is the eldest that go.
    const [eldest] = opening
    if (eldest !== undefined && opening.size >= MAX_OPENING) open.get(eldest)?.close(TOO_SLOW)
    if (open.size >= MAX_WIRES) {
      socket.destroy()
      return EMPTY
    }
    const peer = nextIncomingKey
    nextIncomingKey += 2
    opening.add(peer)
    return tracked(peer, (setOpen) => attach(socket, peer, socket.remote, 'incoming', setOpen))
  }

  const listen = (port: number): Observable<NetworkEvent | PeerEvent> =>
    network.listen({ port }).pipe(
      failAsEvent(() => E.left({ _tag: 'SocketError', code: 'EUNEXPECTED' } as const)),
      mergeMap((event): Observable<NetworkEvent | PeerEvent> => {
        if (E.isLeft(event)) {
          return of({ _tag: 'ListenFailed', at: clock.now(), code: event.left.code })
        }
        return event.right._tag === 'Accepted'
          ? accept(event.right.socket)
          : of({ ...event.right, at: clock.now() })
        // One more than there can be: nothing ever waits here.
      }, MAX_WIRES + 1),
    )

  return {
    dial,
    listen,
    close: (peer, reason) => open.get(peer)?.close(reason),
    send: (peer, messages) => {
      const opened = open.get(peer)?.opened
      if (opened !== undefined) writeTo(opened, writeMessages(messages))
    },
    write: (peer, bytes, onTaken) => {
      const opened = open.get(peer)?.opened
      return opened === undefined ? undefined : writeTo(opened, bytes, onTaken)
    },
  }
}

/** Whether the socket is full. */
const writeTo = (
  { socket, awaitDrain }: Pick<WireHandle, 'awaitDrain'> & { readonly socket: PeerSocket },
  bytes: Uint8Array,
  onTaken?: () => void,
): boolean => {
  const isFull = !socket.write([bytes], onTaken)
  if (isFull) awaitDrain()
  return isFull
}

/** From here on it is the other's. */
const handOver = (event$: Observable<PeerEvent>, subscriber: Subscriber<PeerEvent>): void => {
  event$.subscribe(subscriber)
}
