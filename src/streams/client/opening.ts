import { concat, defer, EMPTY, Observable, of, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { decodeHandshake, HANDSHAKE_LENGTH } from '../../codecs/handshake.js'
import type { Clock, PeerSocket, SocketError } from '../deps.js'
import { HANDSHAKE_MS } from '../peer/wire.js'

/** A peer that has named its torrent. */
export interface Opened {
  readonly infohash: Uint8Array
  /** Gives what was read so far once more. */
  readonly socket: PeerSocket
}

/**
 * Reads a peer's handshake, to learn which torrent it has come for. Cold; emits once and completes; unsubscribing
 * before destroys the socket. A peer that says anything else, says it too slowly or leaves is closed: completes empty.
 */
export const opening = (socket: PeerSocket, clock: Clock): Observable<Opened> =>
  new Observable<Opened>((subscriber) => {
    let read: Uint8Array = new Uint8Array(0)
    let isHandedOver = false
    const reading = new Subscription()
    subscriber.add(reading)
    subscriber.add(() => {
      if (!isHandedOver) socket.destroy()
    })
    subscriber.add(
      clock.schedule(() => {
        subscriber.complete()
      }, HANDSHAKE_MS),
    )

    const take = (chunk: Uint8Array): void => {
      // Also a copy: the chunk is borrowed.
      const bytes = new Uint8Array(read.length + chunk.length)
      bytes.set(read)
      bytes.set(chunk, read.length)
      read = bytes
      const handshake = decodeHandshake(read.subarray(0, HANDSHAKE_LENGTH))
      if (E.isLeft(handshake)) {
        subscriber.complete()
        return
      }
      if (O.isNone(handshake.right)) return
      // From here on the socket has another reader.
      isHandedOver = true
      reading.unsubscribe()
      subscriber.next({ infohash: handshake.right.value.infohash, socket: rereading(socket, read) })
      subscriber.complete()
    }
    reading.add(
      socket.chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) subscriber.complete()
          else take(chunk.right)
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

/** The socket as it was before `read` was read. */
const rereading = (socket: PeerSocket, read: Uint8Array): PeerSocket => {
  let unread: Uint8Array | undefined = read
  return {
    ...socket,
    chunk$: defer((): Observable<Either<SocketError, Uint8Array>> => {
      const first = unread
      unread = undefined
      return concat(first === undefined ? EMPTY : of(E.right(first)), socket.chunk$)
    }),
  }
}
