import { Observable, type Observer, type Subscriber, takeUntil } from 'rxjs'

/**
 * Subscribes an operator to its source, so that the source stops as soon as `destination` closes, even a source that
 * emits while it is being subscribed to. `observer` hears nothing once `destination` has closed.
 *
 * @internal
 */
export const relay = <T, R>(
  source$: Observable<T>,
  destination: Subscriber<R>,
  observer: Observer<T>,
): void => {
  const closed$ = new Observable<true>((subscriber) => {
    destination.add(() => {
      subscriber.next(true)
    })
  })
  source$.pipe(takeUntil(closed$)).subscribe({
    next: observer.next,
    error: observer.error,
    complete: () => {
      if (!destination.closed) observer.complete()
    },
  })
}
