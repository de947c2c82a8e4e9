import { asyncScheduler } from 'rxjs'
import type { Clock } from '../deps.js'

/** Monotonic time from `performance.now()`; timers from the platform's own. */
export const nodeClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  schedule: asyncScheduler.schedule.bind(asyncScheduler),
}
