import { isObservable, type Observable, of } from 'rxjs'

/** Something that may change: a value that stays, or an Observable of values. */
export type ValueOr$<A> = A | Observable<A>

/** The values, from whichever it is. */
export const valuesOf = <A>(valueOr$: ValueOr$<A>): Observable<A> =>
  isObservable(valueOr$) ? valueOr$ : of(valueOr$)
