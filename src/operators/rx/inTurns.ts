import { concat, from, type Observable, type SchedulerLike, subscribeOn } from 'rxjs'
import { chunksOf } from '../chunksOf.js'

/**
 * Emits values, `size` to a turn of the scheduler, the first of them at once: what follows from each is work that all,
 * one after the other, would hold the loop with. Cold; completes with the last of them.
 */
export const inTurns = <A>(
  values: ReadonlyArray<A>,
  size: number,
  scheduler: SchedulerLike,
): Observable<A> => {
  const [first = [], ...rest] = chunksOf(values, size)
  return concat(first, ...rest.map((chunk) => from(chunk).pipe(subscribeOn(scheduler))))
}
