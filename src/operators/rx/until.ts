import { type MonoTypeOperatorFunction, Observable, takeUntil } from 'rxjs'

/**
 * Completes when the signal aborts.
 *
 * 1. Values, errors and completion pass until then.
 * 2. At the abort the source is unsubscribed and the result completes: an abort is what was asked for, no failure.
 * 3. Where the signal has aborted already, the source is not subscribed to.
 * 4. The signal is let go of when the result ends, however it ends.
 *
 * @example
 * ```ts
 * torrent.rates$.pipe(until(AbortSignal.timeout(10_000))).subscribe(({ down }) => console.log(down))
 * ```
 */
export const until =
  <T>(signal: AbortSignal): MonoTypeOperatorFunction<T> =>
  (source$) =>
    source$.pipe(takeUntil(aborted(signal)))

/**
 * Emits once when the signal aborts, at once where it has already.
 *
 * @internal
 */
export const aborted = (signal: AbortSignal): Observable<void> =>
  new Observable((subscriber) => {
    const tell = (): void => {
      subscriber.next()
      subscriber.complete()
    }
    if (signal.aborted) {
      tell()
      return
    }
    signal.addEventListener('abort', tell)
    return () => {
      signal.removeEventListener('abort', tell)
    }
  })
