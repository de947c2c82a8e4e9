import { askAll } from './askInTurn.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'

/** Pieces under way may take so much memory from now on. Who was kept waiting for some is asked at once. */
export const setMemory = (model: SessionModel, bytes: number): void => {
  model.mostThroughBytes = Math.min(bytes, SESSION_LIMITS.unverifiedBytes)
  const slots = Math.max(SESSION_LIMITS.leastSlots, Math.floor(bytes / model.geometry.pieceLength))
  model.mostSlots = Math.min(model.slots, slots)
  if (!model.isStarved) return
  model.isStarved = false
  askAll(model)
}
