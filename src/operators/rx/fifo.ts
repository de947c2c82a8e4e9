import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import { relay } from './relay.js'

/**
 * A trampoline: no value is delivered while another one still is.
 *
 * A source that feeds back on itself calls `next` from inside `next`, and observers further down would see the inner
 * value before the outer one is over. Behind `fifo()` everybody sees one order, the order of arrival:
 *
 * 1. A value that comes while nothing is being delivered goes out at once, synchronously.
 * 2. A value that comes during a delivery waits, and goes out after it and after all that came earlier.
 * 3. `error` and `complete` wait their turn too.
 * 4. Unsubscribing, from inside a delivery as well, drops what waits.
 *
 * Delivery is a loop: a chain of values that cause one another has no depth. The queue has no bound of its own, so each
 * value must cause a bounded number of others (an effect is answered once); nothing is held once the queue has run empty.
 *
 * @example
 * ```ts
 * const feedback$ = new Subject<number>()
 * const seen: number[] = []
 * feedback$.pipe(fifo()).subscribe((n) => {
 *   if (n < 3) feedback$.next(n + 1)
 *   seen.push(n)
 * })
 * feedback$.next(1)
 * seen // [1, 2, 3]; without fifo() [3, 2, 1]
 * ```
 */
export const fifo =
  <T>(): MonoTypeOperatorFunction<T> =>
  (source$) =>
    new Observable<T>((subscriber) => {
      let waiting: T[] = []
      let spare: T[] = []
      let isDelivering = false
      let end: (() => void) | undefined

      const deliver = (value: T): void => {
        isDelivering = true
        subscriber.next(value)
        while (waiting.length > 0) drain()
        isDelivering = false
        end?.()
      }
      // The two arrays take turns: one is read from the front while the other one fills.
      const drain = (): void => {
        const batch = waiting
        waiting = spare
        spare = batch
        for (const queued of batch) {
          if (subscriber.closed) break
          subscriber.next(queued)
        }
        batch.length = 0
        if (subscriber.closed) waiting.length = 0
      }
      const finish = (notify: () => void): void => {
        end = notify
        if (!isDelivering) notify()
      }

      relay(source$, subscriber, {
        next: (value) => {
          if (isDelivering) waiting.push(value)
          else deliver(value)
        },
        error: (error: unknown) => {
          finish(() => {
            subscriber.error(error)
          })
        },
        complete: () => {
          finish(() => {
            subscriber.complete()
          })
        },
      })
    })
