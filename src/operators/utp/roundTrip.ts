import { UTP_LIMITS } from './limits.js'
import { outstanding, type UtpModel } from './model.js'

/** Takes a round trip of a packet that was sent once (BEP 29, "timeouts"). */
export const measureRoundTrip = (model: UtpModel, ms: number): void => {
  const { roundTripMs: before } = model
  if (before === undefined) {
    model.roundTripMs = ms
    model.roundTripDeviation = ms / 2
  } else {
    model.roundTripDeviation += (Math.abs(before - ms) - model.roundTripDeviation) / 4
    model.roundTripMs = before + (ms - before) / 8
  }
}

/** Packets come through: what a timeout had doubled counts no more. */
export const restoreTimeout = (model: UtpModel): void => {
  model.timeouts = 0
  const { roundTripMs } = model
  if (roundTripMs === undefined) return
  model.timeoutMs = Math.min(
    Math.max(roundTripMs + 4 * model.roundTripDeviation, UTP_LIMITS.shortestTimeoutMs),
    UTP_LIMITS.longestTimeoutMs,
  )
}

export const doubleTimeout = (model: UtpModel): void => {
  model.timeouts++
  model.timeoutMs = Math.min(2 * model.timeoutMs, UTP_LIMITS.longestTimeoutMs)
}

/** What is on its way has from now on this long to be acknowledged. */
export const restartDeadlines = (model: UtpModel): void => {
  const { now, roundTripMs } = model
  const isWaiting = outstanding(model) > 0
  model.timeoutAt = isWaiting ? now + model.timeoutMs : Infinity
  model.tailAt = isWaiting && roundTripMs !== undefined ? now + 2 * roundTripMs + UTP_LIMITS.tailMs : Infinity
}
