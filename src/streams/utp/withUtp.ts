import { Observable, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { parseIp } from '../../codecs/ipAddress.js'
import { after } from '../../operators/rx/after.js'
import type { Clock, ListenEvent, Network, SocketError } from '../deps.js'
import { type DialAnswer, type Dialler, followDial } from '../peer/followDial.js'

/**
 * How uTP is used beside TCP. `fallback`: who cannot be reached by TCP is dialled by uTP. `preferred`: the other way round;
 * uTP gives way to whatever else uses a narrow link. Either way who comes by uTP is let in. `off`: there is none.
 */
export type UtpUse = 'off' | 'fallback' | 'preferred'

export interface WithUtpOptions {
  readonly tcp: Network
  readonly utp: Network
  readonly use: Exclude<UtpUse, 'off'>
  readonly clock: Clock
}

/** A dial that is still under way after so long gets company: what is dropped on its way is not worth 15 seconds. */
const TCP_HEAD_START_MS = 3_000
const UTP_HEAD_START_MS = 2_000

/** What a host without TCP, or a translator before it, makes of a dial; other failures are of our own. */
const WORTH_ANOTHER = new Set(['ECONNREFUSED', 'ECONNRESET', 'EHOSTUNREACH', 'ETIMEDOUT'])

/**
 * TCP and uTP as one network. It listens for both on the same port number; where that of uTP cannot be had, an event says
 * so, and TCP goes on. A dial is answered by whichever connects first, or with the failure of TCP.
 */
export const withUtp = ({ tcp, utp, use, clock }: WithUtpOptions): Network => {
  const connect: Network['connect'] = (address, how) => {
    if (O.isNone(parseIp(address.host))) return tcp.connect(address, how)
    // Translators let in by UDP whom they have just let out to.
    const isUtpFirst = use === 'preferred' || how?.isPunch === true
    const [first, second] = isUtpFirst ? [utp, tcp] : [tcp, utp]
    return new Observable<DialAnswer>((subscriber) => {
      const dials = [newDial(), newDial()] as const
      let failure: SocketError | undefined
      let failures = 0
      let hasCompany = false

      const onFailure = (error: SocketError, isFirst: boolean): void => {
        failures++
        if (isFirst !== isUtpFirst || failure === undefined) failure = error
        if (isFirst && !hasCompany && (isUtpFirst || WORTH_ANOTHER.has(error.code))) {
          join()
          return
        }
        if (hasCompany && failures < 2) return
        subscriber.next(E.left(failure))
        subscriber.complete()
      }
      const begin = (network: Network, isFirst: boolean): void => {
        const [own, other] = isFirst ? dials : [dials[1], dials[0]]
        own.dialler = {
          onAnswer: (answer) => {
            if (E.isLeft(answer)) {
              onFailure(answer.left, isFirst)
              return
            }
            waiting.unsubscribe()
            other.connection.unsubscribe()
            own.dialler = undefined
            subscriber.next(answer)
          },
          onEnd: () => true,
        }
        own.connection = followDial(network.connect(address, how), own, subscriber)
        subscriber.add(own.connection)
      }
      const join = (): void => {
        hasCompany = true
        waiting.unsubscribe()
        begin(second, false)
      }

      const waiting = after(isUtpFirst ? UTP_HEAD_START_MS : TCP_HEAD_START_MS, clock).subscribe({
        next: join,
        error: (thrown: unknown) => {
          subscriber.error(thrown)
        },
      })
      subscriber.add(waiting)
      begin(first, true)
    })
  }

  const listen: Network['listen'] = (options) =>
    new Observable<Either<SocketError, ListenEvent>>((subscriber) => {
      const onError = (thrown: unknown): void => {
        subscriber.error(thrown)
      }
      const listenToo = (port: number): void => {
        subscriber.add(
          utp.listen({ ...options, port }).subscribe({
            next: (event) => {
              if (E.isLeft(event)) {
                subscriber.next(E.right({ _tag: 'UtpListenFailed', code: event.left.code }))
              } else if (event.right._tag === 'Accepted') {
                subscriber.next(event)
              }
            },
            error: onError,
          }),
        )
      }
      subscriber.add(
        tcp.listen(options).subscribe({
          next: (event) => {
            subscriber.next(event)
            if (E.isRight(event) && event.right._tag === 'Listening') listenToo(event.right.port)
          },
          error: onError,
          complete: () => {
            subscriber.complete()
          },
        }),
      )
    })

  return { connect, listen }
}

interface Dial {
  connection: Subscription
  /** Until it is the one that has connected. */
  dialler: Dialler | undefined
}

const newDial = (): Dial => ({ connection: Subscription.EMPTY, dialler: undefined })
