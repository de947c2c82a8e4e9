import { Observable, type Subscriber, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { CryptoHandshake } from '../../codecs/encryption/cryptoHandshake.js'
import { createInitiator } from '../../codecs/encryption/initiator.js'
import { plainPipe } from '../../codecs/encryption/pipeCipher.js'
import type { Clock, KeyExchange, Network, PeerSocket, SocketError } from '../deps.js'
import { createNegotiation, type Negotiation } from './negotiatedSocket.js'
import { cryptoPadding } from './padding.js'
import { ENCRYPTION_POLICIES, type EncryptionPolicy } from './policy.js'

export interface EncryptedDialOptions {
  readonly policy: EncryptionPolicy
  readonly infohash: Uint8Array
  readonly keyExchange: KeyExchange
  readonly clock: Clock
}

/** A peer that neither answers nor hangs up is dialled the other way after this long: half of what a handshake may take. */
const ANSWER_MS = 5_000

type Answer = Either<SocketError, PeerSocket>

/** Who hears of a dial's connections while the peer has not answered to one. */
interface Dialler {
  readonly onAnswer: (answer: Answer) => void
  /** Whether another connection takes the place of the one that is over. */
  readonly onEnd: () => boolean
}

/**
 * `Network.connect` by that policy. Whatever it takes, its user sees one dial and one socket; what he wrote to it before
 * the peer answered is sent again where another connection takes its place.
 */
export const dialEncrypted = (
  connect: Network['connect'],
  { policy, infohash, keyExchange, clock }: EncryptedDialOptions,
): Network['connect'] => {
  const { dials, methods } = ENCRYPTION_POLICIES[policy]

  return (address, how) =>
    new Observable<Answer>((subscriber) => {
      let negotiation: Negotiation | undefined
      let connection = Subscription.EMPTY
      let patience = Subscription.EMPTY
      let dial = -1

      const retry = (): boolean => {
        if (subscriber.closed || dial + 1 >= dials.length) return false
        begin()
        return true
      }

      const handshakeOf = (opened: Negotiation): CryptoHandshake =>
        dials[dial] === 'plain'
          ? WAITING_FOR_A_WORD
          : createInitiator({
              keyPair: keyExchange.newKeyPair(),
              infohash,
              offered: methods,
              padding: cryptoPadding(keyExchange.random),
              payload: opened.takeWritten,
            })

      const onSocket = (inner: PeerSocket): void => {
        const isFirst = negotiation === undefined
        const opened = (negotiation ??= createNegotiation({
          remote: inner.remote,
          retry,
          onOpen: () => {
            patience.unsubscribe()
            shared.dialler = undefined
          },
          onDestroy: () => {
            subscriber.complete()
          },
        }))
        opened.attach({ inner, handshake: handshakeOf(opened), isPlain: dials[dial] === 'plain' })
        // Who is silent on a plain one will be so on another: few keep a connection that they do not want.
        const mayBePlain = dials[dial] === 'encrypted' && dial + 1 < dials.length
        if (mayBePlain) subscriber.add((patience = clock.schedule(retry, ANSWER_MS)))
        if (isFirst) subscriber.next(E.right(opened.socket))
      }

      const begin = (): void => {
        dial++
        negotiation?.detach()
        patience.unsubscribe()
        connection.unsubscribe()
        const current = dial
        const begun = follow(connect(address, how), shared, subscriber)
        subscriber.add(begun)
        if (current === dial) connection = begun
        else begun.unsubscribe()
      }

      const shared: { dialler: Dialler | undefined } = {
        dialler: {
          onAnswer: (answer) => {
            if (E.isRight(answer)) onSocket(answer.right)
            else if (negotiation === undefined) subscriber.next(answer)
            else negotiation.fail(answer.left)
          },
          onEnd: () => negotiation !== undefined && retry(),
        },
      }
      begin()
    })
}

/** There can be thousands of these, open and idle: without a dialler, all that is held is what passes on the end. */
const follow = (
  answer$: Observable<Answer>,
  shared: { readonly dialler: Dialler | undefined },
  subscriber: Subscriber<Answer>,
): Subscription =>
  answer$.subscribe({
    next: (answer) => {
      shared.dialler?.onAnswer(answer)
    },
    error: (thrown: unknown) => {
      subscriber.error(thrown)
    },
    complete: () => {
      if (shared.dialler?.onEnd() !== true) subscriber.complete()
    },
  })

/** A plain connection is open with the first that comes. */
const WAITING_FOR_A_WORD: CryptoHandshake = {
  opening: new Uint8Array(0),
  read: (chunk) => ({ _tag: 'Shaken', reply: new Uint8Array(0), cipher: plainPipe, rest: chunk }),
}
