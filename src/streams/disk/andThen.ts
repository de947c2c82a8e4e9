import { of, switchMap } from 'rxjs'
import type { Observable, OperatorFunction } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'

/** Goes on with the value of a `Right`; a `Left` passes. For a source that answers once. */
export const andThen = <E1, A, B>(
  next: (value: A) => Observable<Either<E1, B>>,
): OperatorFunction<Either<E1, A>, Either<E1, B>> =>
  switchMap((answer) => (E.isLeft(answer) ? of(answer) : next(answer.right)))

/** Goes on with the reason of a `Left`; a `Right` passes. For a source that answers once. */
export const orElse = <E1, A>(
  next: (reason: E1) => Observable<Either<E1, A>>,
): OperatorFunction<Either<E1, A>, Either<E1, A>> =>
  switchMap((answer) => (E.isRight(answer) ? of(answer) : next(answer.left)))
