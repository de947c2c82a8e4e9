import { type Observable, scan } from 'rxjs'
import type { RateLimits } from '../rate/policy.js'
import { asLimitCommands } from './asLimitCommands.js'
import type { StreamPolicy } from './policy.js'

/**
 * Limits that follow a stream of your own: the round trips of a call that must not suffer, the state of a battery.
 * `toLimits` makes the next limits of a value and of the limits before it (none at first); both are the session's own,
 * besides those of its options. When the stream completes, the last limits stay.
 *
 * @example
 * ```ts
 * const yieldToCalls = feedback(pingMs$, (ms, { up }) => ({
 *   down: Infinity,
 *   up: ms > 100 ? Math.max(20_000, up / 2) : Math.min(2_000_000, up + 20_000),
 * }))
 * ```
 */
export const feedback =
  <A>(
    source$: Observable<A>,
    toLimits: (value: A, before: RateLimits) => RateLimits,
    start: RateLimits = { down: Infinity, up: Infinity },
  ): StreamPolicy =>
  () =>
    source$.pipe(
      scan((before: RateLimits, value) => toLimits(value, before), start),
      asLimitCommands(),
    )
