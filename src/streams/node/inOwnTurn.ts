import { setImmediate } from 'node:timers'
import { mergeMap, type MonoTypeOperatorFunction, Observable } from 'rxjs'

const waiting: Array<() => void> = []

const next = (): void => {
  const run = waiting.shift()
  if (waiting.length > 0) setImmediate(next)
  run?.()
}

/**
 * Each value in a turn of the loop of its own, in the order that they come from all who use this: what follows from a
 * value is work that many, one after the other, would hold the loop with. Completes after its last value; an error does
 * not wait.
 */
export const inOwnTurn = <A>(): MonoTypeOperatorFunction<A> =>
  mergeMap(
    (value) =>
      new Observable<A>((subscriber) => {
        if (waiting.length === 0) setImmediate(next)
        waiting.push(() => {
          subscriber.next(value)
          subscriber.complete()
        })
      }),
  )
