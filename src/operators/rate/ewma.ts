/** The time constant: what happened this long ago counts a third. */
const TAU_MS = 4_000
/** Samples closer together than this say more about bursts than about the rate. */
const MIN_SAMPLE_MS = 100
/** Five time constants without a byte: the remainder is below 1 %. */
const IDLE_MS = 20_000

/**
 * The smoothed rate of a byte stream: an exponentially weighted mean over about four seconds, divided by the weight
 * that it has gathered, so that the first samples are true means rather than a slow climb from 0.
 *
 * Mutable, for one owner; written only through the functions of this file.
 */
export interface RateMeter {
  /** Since the last sample. */
  pendingBytes: number
  /** The weighted sum of rates, and the sum of its weights (below 1 while the meter is young). */
  sum: number
  weight: number
  /** When the last sample was taken; `-Infinity` before the first. */
  sampledAt: number
  /** The last sample that saw a byte. */
  busyAt: number
}

/**
 * A meter at 0.
 *
 * @param now - when counting starts; without it, the first `sampleRate` starts it and what came before is not counted.
 */
export const createRateMeter = (now = -Infinity): RateMeter => ({
  pendingBytes: 0,
  sum: 0,
  weight: 0,
  sampledAt: now,
  busyAt: now,
})

/** Counts `bytes`. Hot: once a block. */
export const addBytes = (meter: RateMeter, bytes: number): void => {
  meter.pendingBytes += bytes
}

/**
 * Folds what was counted into the rate. Call it on every tick; calls less than 100 ms apart wait for the next one.
 *
 * @param now - milliseconds of a monotonic clock.
 */
export const sampleRate = (meter: RateMeter, now: number): void => {
  const elapsed = now - meter.sampledAt
  if (elapsed < MIN_SAMPLE_MS) return
  const bytes = meter.pendingBytes
  meter.pendingBytes = 0
  meter.sampledAt = now
  if (elapsed === Infinity) return
  if (bytes > 0) {
    // A meter at rest is as good as new: were its idle time to count, a burst would take seconds to show.
    meter.busyAt = now
  } else if (meter.weight === 0 || now - meter.busyAt >= IDLE_MS) {
    meter.sum = 0
    meter.weight = 0
    return
  }
  const keep = Math.exp(-elapsed / TAU_MS)
  meter.sum = meter.sum * keep + (bytes / elapsed) * 1000 * (1 - keep)
  meter.weight = meter.weight * keep + (1 - keep)
}

/** Bytes per second as of the last sample; exactly 0 after 20 seconds without a byte. */
export const rate = (meter: RateMeter): number => (meter.weight === 0 ? 0 : meter.sum / meter.weight)
