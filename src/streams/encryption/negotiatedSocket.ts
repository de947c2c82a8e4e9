import { Observable, ReplaySubject, type Subscriber, Subscription, switchMap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { concatBytes } from '../../codecs/bytes.js'
import type { CryptoHandshake } from '../../codecs/encryption/cryptoHandshake.js'
import type { PipeCipher } from '../../codecs/encryption/pipeCipher.js'
import { MAX_CRYPTO_PAYLOAD_BYTES } from '../../codecs/limits.js'
import type { PeerAddress, PeerSocket, SocketError } from '../deps.js'

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
  /** The peer has answered: from here on there is no other connection. */
  readonly isOpen: () => boolean
}

export interface NegotiationOptions {
  readonly remote: PeerAddress
  /** The peer has gone, or does not know how to go on, before it was open. Answers whether there is another attempt. */
  readonly retry: () => boolean
  /** The socket was destroyed by its user. */
  readonly onDestroy: () => void
}

/** The peer does not speak our protocol. */
const NOT_UNDERSTOOD: SocketError = { _tag: 'SocketError', code: 'EPROTO' }

type Chunk = Either<SocketError, Uint8Array>

/**
 * Once it is open nothing is done to a plain connection but handing on; an encrypted one is decrypted in the buffers that
 * come, and encrypted in those that are written.
 */
export const createNegotiation = ({ remote, retry, onDestroy }: NegotiationOptions): Negotiation => {
  const inner$ = new ReplaySubject<PeerSocket>(1)
  let attempt: Attempt | undefined
  let cipher: PipeCipher | undefined
  let reader: Subscriber<Chunk> | undefined
  /** What the reader hears of the connection. */
  let reading = Subscription.EMPTY
  /** While it is not open; also what has been sent over a plain connection. */
  let written: Uint8Array[] = []
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
    if (cipher === undefined && retry()) return
    if (error !== undefined) reader?.next(E.left(error))
    reader?.complete()
  }

  const shake = (current: Attempt, chunk: Uint8Array): void => {
    const step = current.handshake.read(chunk)
    if (step._tag === 'CryptoFailed') {
      if (!retry()) fail(NOT_UNDERSTOOD)
      return
    }
    send(step.reply)
    if (step._tag === 'Shaking') return
    cipher = step.cipher
    const waiting = current.isPlain ? [] : written.slice(taken)
    written = []
    for (const bytes of waiting) {
      cipher.encrypt(bytes)
      send(bytes)
    }
    if (step.rest.length > 0) reader?.next(E.right(step.rest))
  }

  const read = (current: Attempt): void => {
    const subscription = new Subscription()
    reading = subscription
    subscription.add(
      current.inner.chunk$.subscribe({
        next: (chunk) => {
          if (E.isLeft(chunk)) onGone(chunk.left)
          else if (cipher === undefined) shake(current, chunk.right)
          else {
            cipher.decrypt(chunk.right)
            reader?.next(chunk)
          }
        },
        error: (thrown: unknown) => {
          reader?.error(thrown)
        },
        complete: () => {
          onGone(undefined)
        },
      }),
    )
  }

  const attach = (next: Attempt): void => {
    attempt = next
    inner$.next(next.inner)
    taken = 0
    const { inner, handshake, isPlain } = next
    if (isPaused) inner.pause()
    send(handshake.opening)
    if (isPlain) for (const bytes of written) send(bytes.slice())
    if (reader !== undefined) read(next)
  }

  const destroy = (): void => {
    attempt?.inner.destroy()
    onDestroy()
  }

  return {
    attach,
    detach: () => {
      reading.unsubscribe()
      attempt = undefined
    },
    fail,
    isOpen: () => cipher !== undefined,
    takeWritten: () => {
      const all = concatBytes(written)
      if (all.length > MAX_CRYPTO_PAYLOAD_BYTES) return new Uint8Array(0)
      taken = written.length
      return all
    },
    socket: {
      remote,
      isEncrypted: () => cipher?.method === 'rc4',
      chunk$: new Observable<Chunk>((subscriber) => {
        if (failure !== undefined) {
          subscriber.next(E.left(failure))
          subscriber.complete()
          return undefined
        }
        reader = subscriber
        if (attempt !== undefined) read(attempt)
        return () => {
          reader = undefined
          reading.unsubscribe()
        }
      }),
      drain$: inner$.pipe(switchMap(({ drain$ }) => drain$)),
      write: (buffers, onTaken) => {
        if (cipher === undefined) {
          for (const bytes of buffers) written.push(bytes.slice())
          return attempt?.isPlain === true ? attempt.inner.write(buffers, onTaken) : true
        }
        for (const bytes of buffers) cipher.encrypt(bytes)
        return attempt?.inner.write(buffers, onTaken) ?? false
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
        if (cipher === undefined && attempt?.isPlain !== true) destroy()
        else attempt?.inner.end()
      },
      destroy,
    },
  }
}
