import { interval, map, startWith } from 'rxjs'
import type { RateLimits } from '../rate/policy.js'
import { asLimitCommands } from './asLimitCommands.js'
import type { StreamPolicy } from './policy.js'

/** Limits for some hours of some days. */
export interface ScheduleWindow {
  /** Days on which it begins, 0 for Sunday as with `Date.getDay`; every day where absent. */
  readonly days?: ReadonlyArray<number>
  /** Minutes after midnight. A window that ends before it begins goes on past midnight; from 0 to 1 440 is a day. */
  readonly from: number
  readonly to: number
  readonly limits: RateLimits
}

/** A moment of the week. */
export interface WeekTime {
  /** 0 for Sunday. */
  readonly day: number
  /** Minutes after midnight, 0 … 1 439. */
  readonly minute: number
}

export interface ScheduleOptions {
  /** The first that holds counts. */
  readonly windows: ReadonlyArray<ScheduleWindow>
  /** Limits outside of all windows; none where absent. */
  readonly otherwise?: RateLimits
  /** Tells the time, whenever asked: `() => weekTimeOf(new Date())`. */
  readonly time: () => WeekTime
}

/** How often the time is asked for. */
const LOOK_MS = 15_000

/**
 * Limits by the time of day, in effect within 15 seconds of their time.
 *
 * @example
 * ```ts
 * const office = schedule({
 *   windows: [{ days: [1, 2, 3, 4, 5], from: 8 * 60, to: 18 * 60, limits: { down: 500_000, up: 50_000 } }],
 *   time: () => weekTimeOf(new Date()),
 * })
 * ```
 */
export const schedule =
  ({ windows, otherwise = { down: Infinity, up: Infinity }, time }: ScheduleOptions): StreamPolicy =>
  ({ clock }) =>
    interval(LOOK_MS, clock).pipe(
      startWith(-1),
      map(() => limitsAt(windows, time()) ?? otherwise),
      asLimitCommands(),
    )

/**
 * The moment of the week in the time zone of this machine.
 *
 * @example
 * ```ts
 * weekTimeOf(new Date(2024, 0, 1, 8, 30)) // { day: 1, minute: 510 }: Monday, half past eight
 * ```
 */
export const weekTimeOf = (date: Date): WeekTime => ({
  day: date.getDay(),
  minute: date.getHours() * 60 + date.getMinutes(),
})

const limitsAt = (windows: ReadonlyArray<ScheduleWindow>, time: WeekTime): RateLimits | undefined =>
  windows.find((window) => holds(window, time))?.limits

const holds = ({ days, from, to }: ScheduleWindow, { day, minute }: WeekTime): boolean => {
  const beginsOn = (begin: number): boolean => days === undefined || days.includes(begin)
  if (from <= to) return beginsOn(day) && minute >= from && minute < to
  return (beginsOn(day) && minute >= from) || (beginsOn((day + 6) % 7) && minute < to)
}
