import { identity, Observable, type Subscription } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { equalBytes } from '../../codecs/bytes.js'
import { decodeHandshake, encodeHandshake, HANDSHAKE_LENGTH, withV2 } from '../../codecs/handshake.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { Handshake } from '../../codecs/wire/message.js'
import { createFrameDecoder } from '../../codecs/wire/frameDecoder.js'
import type { WireLimits } from '../../codecs/wire/read.js'
import type { PeerKey } from '../../operators/peer/peerKey.js'
import type { PeerCloseReason, PeerEvent } from '../../operators/session/event.js'
import type { Clock, PeerSocket } from '../deps.js'

/** A peer's whole handshake must be there in this time, however it trickles. */
export const HANDSHAKE_MS = 10_000

/** Of one connection. */
export interface WireOptions {
  readonly peer: PeerKey
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
}

/** What all connections of a session have in common: one record, however many there are. */
export interface WireContext {
  /** What we say; the peer must name the same infohash, or that of v2: then it hears it back (BEP 52). */
  readonly ours: Handshake
  readonly v2Infohash: Uint8Array | undefined
  readonly limits: WireLimits
  readonly clock: Clock
  /** Called once for each, before its `PeerConnected`. */
  readonly onOpen: (peer: PeerKey, socket: PeerSocket, handle: WireHandle) => void
}

/** A socket that throws: whoever made it has a bug, and the others are not to suffer. */
export const UNEXPECTED: PeerCloseReason = { _tag: 'SocketFailed', code: 'EUNEXPECTED' }

/** What can be done with a wire that is open. */
export interface WireHandle {
  readonly close: (reason: PeerCloseReason) => void
  /** The socket is full: a `PeerDrained` is to tell when it has room again. */
  readonly awaitDrain: () => void
}

/**
 * A peer connection as events: `PeerConnected` once both handshakes are done, a `PeerBatch` for each chunk, a
 * `PeerDrained` when the socket has room again, and `PeerClosed` as the last. Cold; never errors; unsubscribing
 * destroys the socket.
 */
export const wire = (
  socket: PeerSocket,
  { peer, address, direction }: WireOptions,
  context: WireContext,
): Observable<PeerEvent> =>
  new Observable<PeerEvent>((subscriber) => {
    const { ours, v2Infohash, clock } = context
    const { write: decode } = createFrameDecoder(context.limits)
    /** What has come of the handshake; undefined once it is done. */
    let opening: Uint8Array | undefined = new Uint8Array(0)
    /** Bytes read since the last batch. */
    let unreported = 0
    let isAwaitingDrain = false

    const finish = (reason: PeerCloseReason): void => {
      if (subscriber.closed) return
      subscriber.next({ _tag: 'PeerClosed', at: clock.now(), peer, reason })
      subscriber.complete()
    }

    const onBug = (): void => {
      finish(UNEXPECTED)
    }

    /** Answers where the messages begin, or undefined while the handshake is not done. */
    const shakeHands = (chunk: Uint8Array): number | undefined => {
      const before = opening!.length
      const bytes = new Uint8Array(Math.min(HANDSHAKE_LENGTH, before + chunk.length))
      bytes.set(opening!)
      bytes.set(chunk.subarray(0, bytes.length - before), before)
      const read = decodeHandshake(bytes)
      if (E.isLeft(read)) {
        finish({ _tag: 'HandshakeFailed', cause: 'not-bittorrent' })
        return undefined
      }
      if (O.isNone(read.right)) {
        opening = bytes
        return undefined
      }
      const theirs = read.right.value
      const isV2 = v2Infohash !== undefined && equalBytes(v2Infohash, theirs.infohash)
      if (!isV2 && !equalBytes(ours.infohash, theirs.infohash)) {
        finish({ _tag: 'HandshakeFailed', cause: 'wrong-infohash' })
        return undefined
      }
      opening = undefined
      timer?.unsubscribe()
      timer = undefined
      // Not into a variable of its own: the parameter would hold what stood for it.
      socket = socket.settled?.() ?? socket
      if (direction === 'incoming') socket.write([encodeHandshake({ ...ours, infohash: theirs.infohash })])
      context.onOpen(peer, socket, { close: finish, awaitDrain })
      const { peerId } = theirs
      const reserved = isV2 ? withV2(theirs.reserved) : theirs.reserved
      const how = socket.isEncrypted?.() === true ? { isEncrypted: true } : {}
      subscriber.next({
        _tag: 'PeerConnected',
        at: clock.now(),
        peer,
        address,
        direction,
        peerId,
        reserved,
        ...how,
      })
      return bytes.length - before
    }

    const read = (chunk: Uint8Array): void => {
      unreported += chunk.length
      let rest = chunk
      if (opening !== undefined) {
        const start = shakeHands(chunk)
        if (start === undefined || start === chunk.length) return
        rest = chunk.subarray(start)
      }
      const { messages, error } = decode(rest)
      if (messages.length > 0) {
        const wireBytes = unreported
        unreported = 0
        subscriber.next({ _tag: 'PeerBatch', at: clock.now(), peer, messages, wireBytes })
      }
      if (error !== undefined) finish({ _tag: 'BadWire', error })
    }

    /** Most wires are idle and never full: nothing is made for what does not happen. */
    const awaitDrain = (): void => {
      if (isAwaitingDrain) return
      isAwaitingDrain = true
      subscriber.add(
        socket.drain$.subscribe({
          next: () => {
            subscriber.next({ _tag: 'PeerDrained', at: clock.now(), peer })
          },
          error: onBug,
        }),
      )
    }

    let timer: Subscription | undefined = clock.schedule(() => {
      finish({ _tag: 'HandshakeFailed', cause: 'timeout' })
    }, HANDSHAKE_MS)
    subscriber.add(() => {
      timer?.unsubscribe()
      socket.destroy()
    })
    const start = (): void => {
      if (direction === 'outgoing') socket.write([encodeHandshake(ours)])
      subscriber.add(
        socket.chunk$.subscribe({
          next: (chunk) => {
            if (E.isLeft(chunk)) finish({ _tag: 'SocketFailed', code: chunk.left.code })
            else if (!subscriber.closed) read(chunk.right)
          },
          error: onBug,
          complete: () => {
            finish({ _tag: 'EndedByPeer' })
          },
        }),
      )
    }
    if (E.isLeft(E.tryCatch(start, identity))) onBug()
  })
