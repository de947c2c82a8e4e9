import { concat, concatAll, type Observable, scheduled, type SchedulerLike } from 'rxjs'
import { chunksOf } from '../chunksOf.js'

/**
 * Emits values, `size` to a turn of the scheduler, the first of them at once: what follows from each is work that all,
 * one after the other, would hold the loop with. Cold.
 */
export const inTurns = <A>(
  values: ReadonlyArray<A>,
  size: number,
  scheduler: SchedulerLike,
): Observable<A> => {
  const [first = [], ...rest] = chunksOf(values, size)
  return concat(first, scheduled(rest, scheduler).pipe(concatAll()))
}
