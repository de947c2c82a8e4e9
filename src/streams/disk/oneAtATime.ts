import { Observable } from 'rxjs'

/**
 * Runs observables one after the other, in the order of their subscriptions. One that has begun runs to its end although
 * nobody listens any more; one that is left before its turn never begins.
 *
 * For calls of which each must find the work of the one before it done, not under way.
 *
 * @example
 * ```ts
 * const inLine = oneAtATime()
 * const flush = () => inLine(flushFiles(context))
 * ```
 */
export const oneAtATime = (): (<A>(source$: Observable<A>) => Observable<A>) => {
  const waiting: (() => void)[] = []
  let isBusy = false
  let isLooping = false

  const next = (): void => {
    if (isLooping) return
    isLooping = true
    for (let run = waiting[0]; !isBusy && run !== undefined; run = waiting[0]) {
      waiting.shift()
      run()
    }
    isLooping = false
  }
  const done = (): void => {
    isBusy = false
    next()
  }

  return (source$) =>
    new Observable((subscriber) => {
      waiting.push(() => {
        if (subscriber.closed) return
        isBusy = true
        source$.subscribe({
          next: (value) => {
            subscriber.next(value)
          },
          error: (thrown: unknown) => {
            if (!subscriber.closed) subscriber.error(thrown)
            done()
          },
          complete: () => {
            subscriber.complete()
            done()
          },
        })
      })
      next()
    })
}
