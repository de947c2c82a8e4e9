import { UTP_LIMITS } from './limits.js'

/**
 * How long packets take, by clocks that do not agree: only differences mean something, and the least delay of the last
 * minutes stands for a path without queues. Microseconds, modulo 2³².
 */
export interface Delays {
  /** The least of each minute, the latest last. */
  readonly minutes: number[]
  minuteBegan: number
  /** The last few: the least of them is less subject to chance. */
  readonly latest: number[]
  next: number
}

const MINUTE_MS = 60_000
const LATEST = 3

export const createDelays = (): Delays => ({ minutes: [], minuteBegan: -Infinity, latest: [], next: 0 })

/** Takes a measurement, and answers with the queueing delay, in milliseconds. */
export const queueingDelay = (delays: Delays, sample: number, now: number): number => {
  const { minutes, latest } = delays
  if (now - delays.minuteBegan >= MINUTE_MS) {
    delays.minuteBegan = now
    minutes.push(sample)
    if (minutes.length > UTP_LIMITS.delayMinutes) minutes.shift()
  } else if (isLess(sample, minutes[minutes.length - 1]!)) {
    minutes[minutes.length - 1] = sample
  }
  latest[delays.next] = sample
  delays.next = (delays.next + 1) % LATEST
  return ((least(latest) - least(minutes)) >>> 0) / 1_000
}

/** By the shorter way round. */
const isLess = (a: number, b: number): boolean => ((a - b) | 0) < 0

const least = (values: ReadonlyArray<number>): number => {
  let found = values[0]!
  for (const value of values) if (isLess(value, found)) found = value
  return found
}
