import { Observable, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { CryptoHandshake } from '../../codecs/encryption/cryptoHandshake.js'
import { createInitiator } from '../../codecs/encryption/initiator.js'
import { plainPipe } from '../../codecs/encryption/pipeCipher.js'
import type { Clock, KeyExchange, Network, PeerSocket } from '../deps.js'
import { type DialAnswer, type Dialler, followDial } from '../peer/followDial.js'
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
    new Observable<DialAnswer>((subscriber) => {
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
        const begun = followDial(connect(address, how), shared, subscriber)
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

/** A plain connection is open with the first that comes. */
const WAITING_FOR_A_WORD: CryptoHandshake = {
  opening: new Uint8Array(0),
  read: (chunk) => ({ _tag: 'Shaken', reply: new Uint8Array(0), cipher: plainPipe, rest: chunk }),
}
