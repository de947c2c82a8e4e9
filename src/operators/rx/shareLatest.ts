import { type MonoTypeOperatorFunction, ReplaySubject, share } from 'rxjs'

/**
 * One subscription to the source for all, and its latest value for whoever comes late.
 *
 * 1. The first subscriber subscribes to the source; further ones share that subscription.
 * 2. A late subscriber gets the latest value at once, synchronously, then what follows.
 * 3. When the last subscriber leaves, the source is unsubscribed and the value forgotten: the next one starts afresh.
 * 4. After the source has completed, a late subscriber gets the last value and the completion; the source is not
 *    started again.
 * 5. An error reaches those who are subscribed; the next subscriber starts afresh.
 *
 * @example
 * ```ts
 * const state$ = turn$.pipe(snapshotEvery(tick$, takeSnapshot), shareLatest())
 * ```
 */
export const shareLatest = <T>(): MonoTypeOperatorFunction<T> =>
  share({
    connector: () => new ReplaySubject<T>(1),
    resetOnError: true,
    resetOnComplete: false,
    resetOnRefCountZero: true,
  })
