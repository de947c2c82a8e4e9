import { defer, filter, interval, share } from 'rxjs'
import type { Clock, Pulse } from './deps.js'

/** Time-outs, `have`s, rates and snapshots go by it. */
const FAST_MS = 250

const SLOW_MS = 8_000

/** For one session alone. */
export const ownPulse = (clock: Clock): Pulse => ({
  fast$: interval(FAST_MS, clock),
  slow$: interval(SLOW_MS, clock),
})

/**
 * For many: one timer, while anybody goes by it. Those that sleep are spread over the fast beats, so that they do not
 * all wake at once.
 */
export const sharedPulse = (clock: Clock): Pulse => {
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
