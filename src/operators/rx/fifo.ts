import { type MonoTypeOperatorFunction, Observable } from 'rxjs'
import { createInbox } from './inbox.js'
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
      const inbox = createInbox<T>(
        (value) => {
          subscriber.next(value)
        },
        () => subscriber.closed,
      )
      relay(source$, subscriber, {
        next: inbox.put,
        error: (error: unknown) => {
          inbox.end(() => {
            subscriber.error(error)
          })
        },
        complete: () => {
          inbox.end(() => {
            subscriber.complete()
          })
        },
      })
    })
