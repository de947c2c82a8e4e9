import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'

/** Whether a new piece has to wait for the storage, or for a slot. */
export const isMemoryUsed = ({ downloads, freeSlots, geometry, usesSlots }: SessionModel): boolean =>
  usesSlots &&
  (freeSlots.length === 0 ||
    downloads.whole * geometry.pieceLength >= Math.max(SESSION_LIMITS.wholeBytes, 2 * geometry.pieceLength))

/**
 * Whether it has to wait because other sessions want some memory too. Who would have nothing to do need not, if no slot
 * is about to be free: else whoever is slow, on parole or gone would soon have all of them, and nobody else could go on.
 */
export const isShareUsed = (model: SessionModel, isIdle: boolean): boolean => {
  const { downloads, freeSlots, mostSlots, slots, usesSlots } = model
  return usesSlots && slots - freeSlots.length >= mostSlots && !(isIdle && downloads.whole === 0)
}
