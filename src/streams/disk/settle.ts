import { defaultIfEmpty, map, takeLast } from 'rxjs'
import type { OperatorFunction } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'

/** Of a run that ends at its first `Left` (see `inTurn`), the outcome: that `Left`, or `value` at the end. */
export const settle =
  <E1, A>(value: A): OperatorFunction<Either<E1, unknown>, Either<E1, A>> =>
  (answer$) =>
    answer$.pipe(
      takeLast(1),
      map((answer) => E.map(() => value)(answer)),
      defaultIfEmpty<Either<E1, A>, Either<E1, A>>(E.right(value)),
    )
