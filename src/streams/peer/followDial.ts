import type { Observable, Subscriber, Subscription } from 'rxjs'
import type { Either } from '#fp/Either'
import type { PeerSocket, SocketError } from '../deps.js'

export type DialAnswer = Either<SocketError, PeerSocket>

/** Who says what the connections of a dial come to, until it is settled which of them it is. */
export interface Dialler {
  readonly onAnswer: (answer: DialAnswer) => void
  /** Whether the dial goes on without the connection that is over. */
  readonly onEnd: () => boolean
}

/**
 * Listens to one connection of a dial on behalf of `subscriber`. There can be thousands, open and idle: once there is no
 * dialler any more, all that is held is what passes on the end.
 */
export const followDial = (
  answer$: Observable<DialAnswer>,
  dial: { readonly dialler: Dialler | undefined },
  subscriber: Subscriber<DialAnswer>,
): Subscription =>
  answer$.subscribe({
    next: (answer) => {
      dial.dialler?.onAnswer(answer)
    },
    error: (thrown: unknown) => {
      subscriber.error(thrown)
    },
    complete: () => {
      if (dial.dialler?.onEnd() !== true) subscriber.complete()
    },
  })
