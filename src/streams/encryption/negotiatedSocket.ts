import { BehaviorSubject, defer, EMPTY, Observable, type Subscriber, Subscription, switchMap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { concatBytes } from '../../codecs/bytes.js'
import type { CryptoHandshake } from '../../codecs/encryption/cryptoHandshake.js'
import { type PipeCipher, plainPipe } from '../../codecs/encryption/pipeCipher.js'
import { MAX_CRYPTO_PAYLOAD_BYTES } from '../../codecs/limits.js'
import type { PeerAddress, PeerSocket, SocketError } from '../deps.js'
import { encryptedSocket } from './encryptedSocket.js'
import { movableSocket } from './movableSocket.js'
import { handOver } from '../../operators/rx/handOver.js'

/** One connection that the socket may come to stand on. */
export interface Attempt {
  readonly inner: PeerSocket
  readonly handshake: CryptoHandshake
  /** Whether what is written goes out before the peer has said anything; else it waits for the handshake. */
  readonly isPlain: boolean
}

/** A socket of which it is not yet known how its bytes go, nor over which connection. */
export interface Negotiation {
  readonly socket: PeerSocket
  /** Goes on with this connection. */
  readonly attach: (attempt: Attempt) => void
  /** Nothing is heard any more of the connection that there is; another one will come. */
  readonly detach: () => void
  /** It comes to nothing. */
  readonly fail: (error: SocketError) => void
  /** What was written so far, to be sent with the handshake, as far as that has room. */
  readonly takeWritten: () => Uint8Array
}

export interface NegotiationOptions {
  readonly remote: PeerAddress
  /** The peer has gone, or does not know how to go on, before it was open. Answers whether there is another attempt. */
  readonly retry: () => boolean
  /** The peer has answered: from here on there is no other connection, and this is of no use any more. */
  readonly onOpen: () => void
  /** The socket was destroyed by its user before it was open. */
  readonly onDestroy: () => void
}

/** The peer does not speak our protocol. */
const NOT_UNDERSTOOD: SocketError = { _tag: 'SocketError', code: 'EPROTO' }

type Chunk = Either<SocketError, Uint8Array>

/**
 * Once it is open nothing of this is held any more: the socket stands for the connection itself where that is plain, else
 * for one behind a cipher.
 */
export const createNegotiation = ({ remote, retry, onOpen, onDestroy }: NegotiationOptions): Negotiation => {
  /** Made for who waits for room: what connection there is. */
  let inner$: BehaviorSubject<PeerSocket | undefined> | undefined
  let attempt: Attempt | undefined
  let reader: Subscriber<Chunk> | undefined
  /** What the reader hears of the connection. */
  let reading = Subscription.EMPTY
  /** What has been written; over a plain connection it has been sent too. */
  const written: Uint8Array[] = []
  /** How many of those have gone with the handshake. */
  let taken = 0
  let failure: SocketError | undefined
  let isPaused = false

  const send = (bytes: Uint8Array): void => {
    if (bytes.length > 0) attempt?.inner.write([bytes])
  }

  const fail = (error: SocketError): void => {
    failure = error
    reading.unsubscribe()
    attempt?.inner.destroy()
    reader?.next(E.left(error))
    reader?.complete()
  }

  const onGone = (error: SocketError | undefined): void => {
    reading.unsubscribe()
    if (retry()) return
    if (error !== undefined) reader?.next(E.left(error))
    reader?.complete()
  }

  const open = ({ inner, isPlain }: Attempt, cipher: PipeCipher, rest: Uint8Array): void => {
    const opened = cipher === plainPipe ? inner : encryptedSocket(inner, cipher)
    moveTo(opened)
    onOpen()
    if (!isPlain) for (const bytes of written.slice(taken)) opened.write([bytes])
    const told = reader
    reading.unsubscribe()
    if (rest.length > 0) told?.next(E.right(rest))
    if (told?.closed === false) handOver(opened.chunk$, told)
  }

  const shake = (current: Attempt, chunk: Uint8Array): void => {
    const step = current.handshake.read(chunk)
    if (step._tag === 'CryptoFailed') {
      if (!retry()) fail(NOT_UNDERSTOOD)
      return
    }
    send(step.reply)
    if (step._tag === 'Shaken') open(current, step.cipher, step.rest)
  }

  const read = (current: Attempt, told: Subscriber<Chunk>): void => {
    const subscription = new Subscription()
    reading = subscription
    told.add(subscription)
    subscription.add(
      current.inner.chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) onGone(chunk.left)
          else shake(current, chunk.right)
        },
        error: (thrown: unknown) => {
          told.error(thrown)
        },
        complete: () => {
          onGone(undefined)
        },
      }),
    )
  }

  const attach = (next: Attempt): void => {
    attempt = next
    inner$?.next(next.inner)
    taken = 0
    const { inner, handshake, isPlain } = next
    if (isPaused) inner.pause()
    send(handshake.opening)
    if (isPlain) for (const bytes of written) send(bytes.slice())
    if (reader?.closed === false) read(next, reader)
  }

  const destroy = (): void => {
    attempt?.inner.destroy()
    onDestroy()
  }

  const { socket, moveTo } = movableSocket({
    remote,
    chunk$: new Observable<Chunk>((subscriber) => {
      if (failure !== undefined) {
        subscriber.next(E.left(failure))
        subscriber.complete()
        return
      }
      reader = subscriber
      if (attempt !== undefined) read(attempt, subscriber)
    }),
    drain$: defer(() => (inner$ ??= new BehaviorSubject(attempt?.inner)).pipe(switchMap(drains))),
    write: (buffers, onTaken) => {
      for (const bytes of buffers) written.push(bytes.slice())
      return attempt?.isPlain === true ? attempt.inner.write(buffers, onTaken) : true
    },
    pause: () => {
      isPaused = true
      attempt?.inner.pause()
    },
    resume: () => {
      isPaused = false
      attempt?.inner.resume()
    },
    end: () => {
      if (attempt?.isPlain === true) attempt.inner.end()
      else destroy()
    },
    destroy,
  })

  return {
    attach,
    detach: () => {
      reading.unsubscribe()
      attempt = undefined
    },
    fail,
    takeWritten: () => {
      const all = concatBytes(written)
      if (all.length > MAX_CRYPTO_PAYLOAD_BYTES) return new Uint8Array(0)
      taken = written.length
      return all
    },
    socket,
  }
}

const drains = (inner: PeerSocket | undefined): Observable<void> => inner?.drain$ ?? EMPTY
