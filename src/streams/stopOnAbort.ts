import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import { relay } from '../operators/rx/relay.js'
import { aborted } from '../operators/rx/until.js'
import type { SessionOutput } from './sessionLoop.js'

/** Calls `stop` when the signal aborts while the session runs; as soon as it has begun where it has aborted before. */
export const stopOnAbort =
  (signal: AbortSignal, stop: () => void): MonoTypeOperatorFunction<SessionOutput> =>
  (output$) =>
    new Observable((subscriber) => {
      let isBegun = false
      const error = (thrown: unknown): void => {
        subscriber.error(thrown)
      }
      relay(output$, subscriber, {
        next: (output) => {
          subscriber.next(output)
          if (isBegun || output._tag !== 'State') return
          isBegun = true
          subscriber.add(aborted(signal).subscribe({ next: stop, error }))
        },
        error,
        complete: () => {
          subscriber.complete()
        },
      })
    })
