import { defer, EMPTY, mergeMap, Observable, of, type Subscriber } from 'rxjs'
import * as E from '#fp/Either'
import { encodeReserved } from '../../codecs/handshake.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { Handshake, WireMessage } from '../../codecs/wire/message.js'
import { DEFAULT_WIRE_LIMITS } from '../../codecs/wire/read.js'
import { writeMessages } from '../../codecs/wire/write.js'
import type { PeerKey } from '../../operators/peer/peerKey.js'
import { failAsEvent } from '../../operators/rx/failAsEvent.js'
import { incomingReserve, MAX_CONNECTIONS } from '../../operators/session/connectionLimits.js'
import type { NetworkEvent, PeerCloseReason, PeerEvent } from '../../operators/session/event.js'
import type { DialOptions, PeerSocket, SessionDeps } from '../deps.js'
import { UNEXPECTED, wire, type WireContext, type WireHandle } from './wire.js'
import { handOver } from '../../operators/rx/handOver.js'

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
  readonly opened: (Pick<WireHandle, 'awaitDrain'> & { readonly socket: PeerSocket }) | undefined
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

  const context: WireContext = {
    ours,
    v2Infohash: identity.v2Infohash,
    limits: { ...DEFAULT_WIRE_LIMITS, maxBitfieldBytes: Math.ceil(identity.pieceCount / 8) },
    clock,
    onOpen: (peer, socket, { close, awaitDrain }) => {
      opening.delete(peer)
      open.set(peer, { close, opened: { socket, awaitDrain } })
    },
  }

  const close = (peer: PeerKey, reason: PeerCloseReason): void => {
    open.get(peer)?.close(reason)
  }

  /** From here on it can be closed by key, while there is no wire yet too. Whatever fails, it ends with one `PeerClosed`. */
  const track = (peer: PeerKey, subscriber: Subscriber<PeerEvent>): void => {
    open.set(peer, {
      opened: undefined,
      close: (reason) => {
        if (subscriber.closed) return
        subscriber.next({ _tag: 'PeerClosed', at: clock.now(), peer, reason })
        subscriber.complete()
      },
    })
    subscriber.add(() => {
      open.delete(peer)
      opening.delete(peer)
    })
  }

  // Few stages for each connection, and none with an operator: there can be thousands, held for all their lives.
  const dial = (peer: PeerKey, address: PeerAddress, { isPunch }: DialOptions = {}): Observable<PeerEvent> =>
    new Observable<PeerEvent>((subscriber) => {
      track(peer, subscriber)
      const connected$ = defer(() => network.connect(address, isPunch === true ? { isPunch } : undefined))
      subscriber.add(
        connected$.subscribe({
          // The first word and the only one; what follows is the wire's.
          next: (connected) => {
            if (E.isLeft(connected)) close(peer, { _tag: 'SocketFailed', code: connected.left.code })
            else
              handOver(wire(connected.right, { peer, address, direction: 'outgoing' }, context), subscriber)
          },
          error: () => {
            close(peer, UNEXPECTED)
          },
        }),
      )
    })

  const accept = (socket: PeerSocket): Observable<PeerEvent> => {
    // Who is there to talk shakes hands at once: of a flood, it is the eldest that go.
    const [eldest] = opening
    if (eldest !== undefined && opening.size >= MAX_OPENING) close(eldest, TOO_SLOW)
    if (open.size >= MAX_WIRES) {
      socket.destroy()
      return EMPTY
    }
    const peer = nextIncomingKey
    nextIncomingKey += 2
    opening.add(peer)
    return new Observable<PeerEvent>((subscriber) => {
      track(peer, subscriber)
      handOver(wire(socket, { peer, address: socket.remote, direction: 'incoming' }, context), subscriber)
    })
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
    close,
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
