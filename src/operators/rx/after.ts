import { defer, NEVER, type Observable, type SchedulerLike, switchMap, timer } from 'rxjs'

/** Timers of JavaScript overflow at 2³¹ milliseconds, and then go off at once. */
const LONGEST_MS = 24 * 60 * 60_000

/**
 * One value once `ms` have passed on the clock, then completion; weeks too. `Infinity` is never, less than 0 is now.
 *
 * @example
 * ```ts
 * after(30 * 24 * 60 * 60_000, clock).subscribe(() => console.log('a month later'))
 * ```
 */
export const after = (ms: number, clock: SchedulerLike): Observable<0> =>
  defer(() => {
    if (ms === Infinity) return NEVER
    if (ms <= LONGEST_MS) return timer(Math.max(0, ms), clock)
    return timer(LONGEST_MS, clock).pipe(switchMap(() => after(ms - LONGEST_MS, clock)))
  })
