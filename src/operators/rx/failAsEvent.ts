import { catchError, of, type OperatorFunction } from 'rxjs'

/**
 * Turns an error into one last value, then completes. It ends each driver's inner stream, inside the flattening
 * operator, so that one failure does not end the merge of all.
 *
 * 1. Values and completion pass.
 * 2. On error, `toEvent(error)` is emitted, then completion.
 * 3. What `toEvent` throws is the error of the result.
 *
 * @example
 * ```ts
 * dial$.pipe(mergeMap((peer) => connection(peer).pipe(failAsEvent(() => ({ _tag: 'PeerClosed', peer })))))
 * ```
 */
export const failAsEvent = <T, E>(toEvent: (error: unknown) => E): OperatorFunction<T, T | E> =>
  catchError((error: unknown) => of(toEvent(error)))
