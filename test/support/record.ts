import type { Observable } from 'rxjs'

/** All that a source says, its error and `complete` too, in a log that grows as it says it. */
export const record = <A>(
  source$: Observable<A>,
): { readonly log: ReadonlyArray<unknown>; readonly stop: () => void } => {
  const log: unknown[] = []
  const subscription = source$.subscribe({
    next: (value) => log.push(value),
    error: (error: unknown) => log.push(error),
    complete: () => log.push('complete'),
  })
  return {
    log,
    stop: () => {
      subscription.unsubscribe()
    },
  }
}
