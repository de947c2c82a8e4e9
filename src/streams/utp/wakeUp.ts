import { Subscription } from 'rxjs'
import type { Clock } from '../deps.js'

/** One timer for many deadlines. */
export interface WakeUp {
  /** Wakes at that time, or before. */
  readonly at: (time: number) => void
  readonly stop: () => void
}

/** Calls `onTime` when a time has come; its answer is the next one, infinite where there is none. */
export const wakeUp = (clock: Clock, onTime: (now: number) => number): WakeUp => {
  let timer = Subscription.EMPTY
  let next = Infinity

  const at = (time: number): void => {
    if (time >= next) return
    next = time
    timer.unsubscribe()
    timer = clock.schedule(fire, Math.max(0, Math.ceil(time - clock.now())))
  }
  const fire = (): void => {
    next = Infinity
    at(onTime(clock.now()))
  }
  return {
    at,
    stop: () => {
      timer.unsubscribe()
      next = -Infinity
    },
  }
}
