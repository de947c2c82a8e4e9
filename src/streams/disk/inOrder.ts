import { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { innerRuns } from './innerRuns.js'

/**
 * Runs `count` observables that answer once, `width` at a time, and passes their answers on in the order of their
 * numbers; ends after the last or after the first `Left` of that order, and lets go of those under way. As `inTurn`,
 * for work that more than one can do.
 *
 * @example
 * ```ts
 * inOrder(4, slices.length, (index) => hash(slices[index]!)) // digests of slice 0, then of slice 1, …
 * ```
 */
export const inOrder = <E1, A>(
  width: number,
  count: number,
  run: (index: number) => Observable<Either<E1, A>>,
): Observable<Either<E1, A>> =>
  new Observable((subscriber) => {
    /** Answers that came before their turn. */
    const early = new Map<number, Either<E1, A>>()
    let begun = 0
    let turn = 0
    let isLooping = false

    const deliver = (): void => {
      for (let answer = early.get(turn); answer !== undefined; answer = early.get(turn)) {
        early.delete(turn)
        turn += 1
        subscriber.next(answer)
        if (E.isLeft(answer)) subscriber.complete()
      }
    }
    // One that takes long holds up the others, or its answer would find a heap of theirs.
    const mayBegin = (): boolean =>
      !subscriber.closed && inner.running() < width && begun < count && begun - turn < 2 * width
    const loop = (): void => {
      if (isLooping) return
      isLooping = true
      deliver()
      while (mayBegin()) {
        inner.begin(begun++)
        deliver()
      }
      isLooping = false
      if (turn === count) subscriber.complete()
    }
    const inner = innerRuns(
      subscriber,
      run,
      (answer, index) => {
        early.set(index, answer)
      },
      loop,
    )

    loop()
  })
