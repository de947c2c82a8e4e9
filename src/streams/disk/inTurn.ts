import { Observable } from 'rxjs'
import type { Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'

/**
 * Runs `count` observables one after the other and passes their answers on; ends after the last or after the first
 * `Left`. Unlike `concatMap`, it neither queues nor recurses, however many of them complete at once.
 */
export const inTurn = <E1, A>(
  count: number,
  run: (index: number) => Observable<Either<E1, A>>,
): Observable<Either<E1, A>> =>
  new Observable((subscriber) => {
    let inner: Subscription | undefined
    let index = 0
    let isIdle = true
    let isLooping = false

    const loop = (): void => {
      if (isLooping) return
      isLooping = true
      while (isIdle && !subscriber.closed) {
        if (index === count) {
          subscriber.complete()
          break
        }
        isIdle = false
        inner = run(index++).subscribe({
          next: (answer) => {
            subscriber.next(answer)
            if (E.isLeft(answer)) subscriber.complete()
          },
          error: (error: unknown) => {
            subscriber.error(error)
          },
          complete: () => {
            isIdle = true
            loop()
          },
        })
      }
      isLooping = false
      // The subscriber may have left while the last one answered at once.
      if (subscriber.closed) inner?.unsubscribe()
    }

    loop()
    return () => {
      inner?.unsubscribe()
    }
  })
