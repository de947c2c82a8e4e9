import { finalize, Observable } from 'rxjs'
import type { TrackerClient } from '../deps.js'

/**
 * Trackers that are asked by many, so many at once and no more. Who comes later waits, with no time running, and
 * whoever says good-bye goes first.
 */
export const limitTrackers = (max: number): ((trackers: TrackerClient) => TrackerClient) => {
  const [urgent, waiting] = [new Set<() => void>(), new Set<() => void>()]
  let running = 0
  let isStarting = false

  /** In a loop: what is answered at once would start the next one from within itself, and so on. */
  const startNext = (): void => {
    if (isStarting) return
    isStarting = true
    while (running < max) {
      const queue = urgent.size > 0 ? urgent : waiting
      const [start] = queue
      if (start === undefined) break
      queue.delete(start)
      running++
      start()
    }
    isStarting = false
  }

  const inTurn = <A>(work$: Observable<A>, queue: Set<() => void>): Observable<A> =>
    new Observable((subscriber) => {
      const leave = (): void => {
        running--
        startNext()
      }
      const start = (): void => {
        // Torn down before `leave` runs: the next begins when this one has ended.
        work$.pipe(finalize(leave)).subscribe(subscriber)
      }
      subscriber.add(() => {
        queue.delete(start)
      })
      queue.add(start)
      startNext()
    })

  return ({ announce, scrape }) => ({
    announce: (url, request) =>
      inTurn(announce(url, request), request.event === 'stopped' ? urgent : waiting),
    ...(scrape === undefined
      ? {}
      : { scrape: (url, infohashes) => inTurn(scrape(url, infohashes), waiting) }),
  })
}
