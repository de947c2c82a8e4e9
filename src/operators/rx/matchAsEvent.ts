import { Observable, type OperatorFunction } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'

/**
 * `map` of `E.match(onLeft, onRight)` and then `failAsEvent(onThrown)`, in one stage: for what is asked once for each
 * piece, where the stages of an answer cost more than what is done with it.
 *
 * 1. A `Left` becomes `onLeft` of it, a `Right` `onRight` of it; completion passes.
 * 2. On error, or when one of those throws, `onThrown()` is emitted, then completion; the source is left.
 * 3. What `onThrown` throws is the error of the result.
 *
 * @example
 * ```ts
 * storage.flush().pipe(matchAsEvent(failed, () => ({ _tag: 'Flushed' }), () => failed(unexpected)))
 * ```
 */
export const matchAsEvent =
  <E1, A, B>(
    onLeft: (reason: E1) => B,
    onRight: (value: A) => B,
    onThrown: () => B,
  ): OperatorFunction<Either<E1, A>, B> =>
  (answer$) =>
    new Observable<B>((subscriber) => {
      const fail = (): void => {
        let event: B
        try {
          event = onThrown()
        } catch (thrown) {
          subscriber.error(thrown)
          return
        }
        subscriber.next(event)
        subscriber.complete()
      }
      return answer$.subscribe({
        next: (answer) => {
          if (subscriber.closed) return
          let event: B
          try {
            event = E.isLeft(answer) ? onLeft(answer.left) : onRight(answer.right)
          } catch {
            fail()
            return
          }
          subscriber.next(event)
        },
        error: fail,
        complete: () => {
          subscriber.complete()
        },
      })
    })
