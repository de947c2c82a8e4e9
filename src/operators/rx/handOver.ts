import type { Observable, Subscriber } from 'rxjs'

/** From here on the subscriber is the other's: nothing stands between them. */
export const handOver = <T>(source$: Observable<T>, subscriber: Subscriber<T>): void => {
  source$.subscribe(subscriber)
}
