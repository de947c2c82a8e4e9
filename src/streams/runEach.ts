import type { Observable, Subscriber, Subscription } from 'rxjs'

/**
 * Runs the effects of each turn, in order and at once, on behalf of `subscriber`, which ends as the turns end. An effect
 * that throws is a bug of its driver, and the subscriber's error.
 */
export const runEach = <Effect>(
  turn$: Observable<{ readonly effects: ReadonlyArray<Effect> }>,
  run: (effect: Effect) => void,
  subscriber: Subscriber<unknown>,
): Subscription =>
  turn$.subscribe({
    next: ({ effects }) => {
      try {
        for (const effect of effects) run(effect)
      } catch (thrown) {
        subscriber.error(thrown)
      }
    },
    error: (thrown: unknown) => {
      subscriber.error(thrown)
    },
    complete: () => {
      subscriber.complete()
    },
  })
