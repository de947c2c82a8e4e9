import { defer, Observable } from 'rxjs'
import type { Subscriber } from 'rxjs'

/**
 * Runs `run` for each key one at a time. Who comes while it is under way, and may have come too late for it, gets the next
 * run, together with all others who do. A run that has begun goes on although nobody listens any more.
 *
 * For what does the work of everybody who asked before it began, such as a sync, and takes its time: runs that answer at
 * once, asked for again at each end, go deeper and deeper.
 *
 * @example
 * ```ts
 * const sync = sharedRuns(syncFolder)
 * forkJoin([sync('downloads'), sync('downloads'), sync('downloads')]) // two runs
 * ```
 */
export const sharedRuns = <A>(run: (key: string) => Observable<A>): ((key: string) => Observable<A>) => {
  /** Of each key that is under way: who waits for the next run. */
  const waiting = new Map<string, Set<Subscriber<A>>>()

  const begin = (key: string, subscribers: ReadonlyArray<Subscriber<A>>): void => {
    waiting.set(key, new Set())
    defer(() => run(key)).subscribe({
      next: (value) => {
        for (const subscriber of subscribers) subscriber.next(value)
      },
      error: (thrown: unknown) => {
        for (const subscriber of subscribers) subscriber.error(thrown)
        goOn(key)
      },
      complete: () => {
        for (const subscriber of subscribers) subscriber.complete()
        goOn(key)
      },
    })
  }
  const goOn = (key: string): void => {
    // Who is answered leaves the line.
    const next = [...(waiting.get(key) ?? [])]
    if (next.length > 0) begin(key, next)
    else waiting.delete(key)
  }

  return (key) =>
    new Observable((subscriber) => {
      const line = waiting.get(key)
      if (line === undefined) {
        begin(key, [subscriber])
        return
      }
      line.add(subscriber)
      subscriber.add(() => line.delete(subscriber))
    })
}
