import { defer, filter, interval, type Observable, type SchedulerLike, share } from 'rxjs'

/** The beats that make a session look at the clock; what they carry does not matter. */
export interface Pulse {
  /** Every 250 ms, while something goes on. */
  readonly fast$: Observable<unknown>
  /** Every 8 s, while nothing does: seconds do not matter to what an idle session waits for. */
  readonly slow$: Observable<unknown>
}

/** Time-outs, `have`s, rates and snapshots go by it. */
const FAST_MS = 250

const SLOW_MS = 8_000

/** For one session alone. */
export const ownPulse = (clock: SchedulerLike): Pulse => ({
  fast$: interval(FAST_MS, clock),
  slow$: interval(SLOW_MS, clock),
})

/**
 * For many: one timer, while anybody goes by it. Those that sleep are spread over the fast beats, so that they do not
 * all wake at once.
 */
export const sharedPulse = (clock: SchedulerLike): Pulse => {
  const fast$ = interval(FAST_MS, clock).pipe(share())
  const groups = Array.from({ length: SLOW_MS / FAST_MS }, (_, group) =>
    fast$.pipe(
      filter((beat) => beat % (SLOW_MS / FAST_MS) === group),
      share(),
    ),
  )
  let next = 0
  return { fast$, slow$: defer(() => groups[next++ % groups.length]!) }
}
