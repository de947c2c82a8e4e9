import { wakeCandidates } from '../peer/candidates.js'
import { NONE } from '../piece/downloads.js'
import { askFlush } from './askFlush.js'
import { emit } from './emit.js'
import { dialMore } from './lifecycle.js'
import { isDone, type SessionModel, setPhase } from './model.js'

/** A piece has come, or others are wanted than before: what follows if all is here now, or is not any more. */
export const settleWanted = (model: SessionModel): void => {
  const { phase } = model
  // Before the check is done nothing is known; who stops flushes in any case.
  if (phase === 'opening' || phase === 'checking' || phase === 'stopping' || phase === 'stopped') return
  if (isDone(model)) finish(model)
  else if (model.wasDone) goOn(model)
}

const finish = (model: SessionModel): void => {
  model.wasDone = true
  if (model.phase === 'downloading') setPhase(model, 'seeding')
  if (!model.isFlushed && (model.hasUnflushed || model.pendingFlushes === 0)) askFlush(model)
  if (!hasSlotInUse(model)) emit(model, { _tag: 'DropSlots' })
}

const goOn = (model: SessionModel): void => {
  model.wasDone = false
  model.isDoneTold = false
  model.isFlushed = false
  model.isUrgent = true
  if (model.phase === 'seeding') setPhase(model, 'downloading')
  wakeCandidates(model.candidates, model.now)
  dialMore(model)
}

/** Pieces that nobody wants any more may still be on their way to the storage. */
const hasSlotInUse = (model: SessionModel): boolean => {
  for (const { slot } of model.downloads.byPiece.values()) if (slot !== NONE) return true
  return false
}
