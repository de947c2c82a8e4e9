import { askAll } from './askInTurn.js'
import { limitMemory } from './memory.js'
import type { SessionModel } from './model.js'

/** Who was kept waiting for memory is asked at once where there is more. */
export const setMemory = (model: SessionModel, bytes: number): void => {
  limitMemory(model, bytes)
  if (!model.isStarved) return
  model.isStarved = false
  askAll(model)
}
