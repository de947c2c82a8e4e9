import { isBefore } from '../../codecs/utp/sequence.js'
import { UTP_LIMITS } from './limits.js'
import type { UtpModel } from './model.js'

/** More than this never helps: it is as much as there can be on its way. */
const largestWindow = ({ config }: UtpModel): number => UTP_LIMITS.packets * config.packetBytes

const smallestWindow = ({ config }: UtpModel): number => UTP_LIMITS.fewestPackets * config.packetBytes

/** A window that was not used up says nothing about the path. */
const PROVEN_MS = 1_000

/**
 * Lets the window follow the queueing delay (LEDBAT): it doubles each round trip at first, then grows or shrinks by how far
 * the delay is from the target, so that whoever else uses the path comes first.
 */
export const followDelay = (model: UtpModel, ackedBytes: number, delayMs: number): void => {
  const { window } = model
  const offTarget = Math.max(-1, (UTP_LIMITS.targetDelayMs - delayMs) / UTP_LIMITS.targetDelayMs)
  const isFull = model.now - model.fullAt <= Math.max(PROVEN_MS, model.roundTripMs ?? 0)
  if (model.isSlowStart && (delayMs > 0.9 * UTP_LIMITS.targetDelayMs || window >= model.threshold)) {
    model.isSlowStart = false
  }
  if (offTarget > 0 && !isFull) return
  const gain = model.isSlowStart
    ? ackedBytes
    : (UTP_LIMITS.growthBytes * offTarget * Math.min(ackedBytes, window)) / Math.max(ackedBytes, window)
  model.window = Math.min(Math.max(window + gain, smallestWindow(model)), largestWindow(model))
}

/** Something was lost: half the window, once for all that was on its way. */
export const shrinkForLoss = (model: UtpModel, seq: number): void => {
  if (isBefore(seq, model.recoverySeq)) return
  model.recoverySeq = model.nextSeq
  model.isSlowStart = false
  model.window = Math.max(model.window / 2, smallestWindow(model))
  model.threshold = model.window
}

/** Nothing has come through for a whole timeout: begin anew, and double only up to half of what there was. */
export const shrinkForTimeout = (model: UtpModel): void => {
  // What times out again has had its effect.
  if (model.timeouts <= 1) model.threshold = Math.max(model.window / 2, smallestWindow(model))
  model.recoverySeq = model.nextSeq
  model.isSlowStart = true
  model.window = smallestWindow(model)
}
