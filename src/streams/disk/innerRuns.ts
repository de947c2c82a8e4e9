import type { Observable, Subscriber } from 'rxjs'

/** Sources that run at the same time on behalf of one subscriber, and end with it. */
export interface InnerRuns {
  readonly begin: (index: number) => void
  /** How many run now. */
  readonly running: () => number
}

/**
 * Where `run` has nothing to do, nothing begins. `heard` gets what they say, `ended` is called when one has completed; an error is the subscriber's.
 */
export const innerRuns = <A>(
  subscriber: Subscriber<unknown>,
  run: (index: number) => Observable<A> | undefined,
  heard: (answer: A, index: number) => void,
  ended: () => void,
): InnerRuns => {
  let running = 0
  return {
    running: () => running,
    begin: (index) => {
      const begun$ = run(index)
      if (begun$ === undefined) return
      running += 1
      subscriber.add(
        begun$.subscribe({
          next: (answer) => {
            heard(answer, index)
          },
          error: (error: unknown) => {
            subscriber.error(error)
          },
          complete: () => {
            running -= 1
            ended()
          },
        }),
      )
    },
  }
}
