import { map, merge, NEVER, type Observable, of, scan, switchMap, take } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { after } from '../../operators/rx/after.js'
import type { Clock, TrackerError } from '../deps.js'

/**
 * Asks several at once, for one answer: the good ones that have come when all have answered, or a while after the tracker
 * itself has said something; or the failure that says most. Emits once and completes.
 */
export const firstAnswers = <A>(
  asked: ReadonlyArray<Observable<Either<TrackerError, A>>>,
  graceMs: number,
  clock: Clock,
): Observable<Either<TrackerError, ReadonlyArray<A>>> =>
  merge(...asked).pipe(
    scan((seen: ReadonlyArray<Either<TrackerError, A>>, answer) => [...seen, answer], []),
    switchMap((seen) => {
      if (seen.length === asked.length) return of(seen)
      return seen.some(isSaid) ? after(graceMs, clock).pipe(map(() => seen)) : NEVER
    }),
    take(1),
    map((seen) => {
      const good = seen.flatMap((answer) => (E.isRight(answer) ? [answer.right] : []))
      return good.length > 0 ? E.right(good) : E.left(worst(seen))
    }),
  )

/** Whether it comes from the tracker, and not of its silence. */
const isSaid = <A>(answer: Either<TrackerError, A>): boolean =>
  E.isRight(answer) || answer.left._tag === 'TrackerFailure'

const worst = <A>(seen: ReadonlyArray<Either<TrackerError, A>>): TrackerError => {
  const failed = seen.filter(E.isLeft)
  return (failed.find(isSaid) ?? failed[0])?.left ?? { _tag: 'TrackerTimeout' }
}
