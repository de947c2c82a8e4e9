import { EMPTY, merge, type Observable } from 'rxjs'

/**
 * `merge`, but for those sources that are `EMPTY` itself: waiting for who never says anything costs as much memory as
 * waiting for who does.
 *
 * 1. As `merge` of the other sources.
 * 2. A single one is returned as it is.
 * 3. Without any, `EMPTY`.
 *
 * @example
 * ```ts
 * const told$ = mergeLive(command$, policies.length === 0 ? EMPTY : steer(policies))
 * ```
 */
export const mergeLive = <A>(...sources: ReadonlyArray<Observable<A>>): Observable<A> =>
  merge(...sources.filter((source$) => source$ !== EMPTY))
