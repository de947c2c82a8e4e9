import { Observable, type Observer, type Subscriber } from 'rxjs'

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
  new Observable<T>((subscriber) => {
    // Before the source has a chance to emit.
    destination.add(subscriber)
    return subscriber.closed ? undefined : source$.subscribe(subscriber)
  }).subscribe(observer)
}
