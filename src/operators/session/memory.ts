import { blocksIn } from '../piece/geometry.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'

/** Whether no slot is left that may be used. */
export const areSlotsUsed = ({ usesSlots, slots, mostSlots, freeSlots }: SessionModel): boolean =>
  usesSlots && slots - freeSlots.length >= mostSlots

/** Pieces under way may take so much memory from now on. */
export const limitMemory = (model: SessionModel, bytes: number): void => {
  model.mostThroughBytes = Math.min(bytes, SESSION_LIMITS.unverifiedBytes)
  const slots = Math.max(SESSION_LIMITS.leastSlots, Math.floor(bytes / model.geometry.pieceLength))
  model.mostSlots = Math.min(model.slots, slots)
  limitUnknown(model)
}

/** Who is not known to be fast gets no more of a scarce memory than the others: he may well sit on it. */
export const limitUnknown = (model: SessionModel): void => {
  const { geometry, helpers, mostSlots, slots } = model
  model.unknownDepth =
    mostSlots < slots
      ? Math.max(
          SESSION_LIMITS.leastDepth,
          Math.floor((mostSlots * blocksIn(geometry, 0)) / Math.max(1, helpers)),
        )
      : Infinity
}
