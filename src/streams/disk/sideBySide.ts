import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { innerRuns } from './innerRuns.js'

/**
 * Runs `count` observables, `width` at a time, and ends when none is left; undefined is none to run. After a `Left` none begins any more, those
 * under way come to their end, and that `Left`, the first, is the last answer; what a later one failed with is dropped.
 * Neither queues nor recurses, however many of them complete at once.
 *
 * For calls of the system that wait for the device, not for each other.
 *
 * @example
 * ```ts
 * sideBySide(3, files.length, (index) => syncFile(files[index]!)).pipe(settle(undefined))
 * ```
 */
export const sideBySide = <E1, A>(
  width: number,
  count: number,
  run: (index: number) => Observable<Either<E1, A>> | undefined,
): Observable<Either<E1, A>> =>
  new Observable((subscriber) => {
    let failure: Either<E1, A> | undefined
    let next = 0
    let isLooping = false

    const loop = (): void => {
      if (isLooping) return
      isLooping = true
      while (inner.running() < width && next < count && failure === undefined && !subscriber.closed)
        inner.begin(next++)
      isLooping = false
      if (inner.running() > 0 || subscriber.closed) return
      if (failure !== undefined) subscriber.next(failure)
      subscriber.complete()
    }
    const inner = innerRuns(
      subscriber,
      run,
      (answer) => {
        if (E.isLeft(answer)) failure ??= answer
        else subscriber.next(answer)
      },
      loop,
    )

    loop()
  })
