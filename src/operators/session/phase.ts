import { isDone, type SessionModel } from './model.js'
import type { SessionPhase } from './state.js'

/**
 * What the session is doing, from how far its life has come, what is wanted of it, and whether its storage works. A
 * pause shows even while the storage fails: nothing is to move in either case.
 */
const phaseOf = (model: SessionModel): SessionPhase => {
  const { stage } = model
  const isStalled = model.storage._tag === 'Stalled'
  if (stage === 'opening' || stage === 'checking') {
    if (isStalled) return 'stalled'
    return model.resume.isLoading ? 'opening' : stage
  }
  if (stage !== 'open') return stage
  if (model.recheck !== undefined) return 'checking'
  if (model.desired === 'paused') return model.isDrained ? 'paused' : 'pausing'
  if (isStalled) return 'stalled'
  return isDone(model) ? 'seeding' : 'downloading'
}

/** To be called after a change of anything that the phase follows from. */
export const updatePhase = (model: SessionModel): void => {
  const phase = phaseOf(model)
  if (phase === model.phase) return
  model.phase = phase
  model.isUrgent = true
}

export const setStage = (model: SessionModel, stage: SessionModel['stage']): void => {
  model.stage = stage
  updatePhase(model)
}
