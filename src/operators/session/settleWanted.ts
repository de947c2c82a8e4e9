import { wakeCandidates } from '../peer/candidates.js'
import { NONE } from '../piece/downloads.js'
import { askFlush } from './askFlush.js'
import { emit } from './emit.js'
import { dialMore } from './lifecycle.js'
import { isDone, type SessionModel } from './model.js'
import { updatePhase } from './phase.js'
import { tellUploadOnly } from './tellUploadOnly.js'

/** Pieces came or went, or others are wanted than before: what follows if all is here now, or is not any more. */
export const settleWanted = (model: SessionModel): void => {
  // Before the check is done nothing is known; who stops flushes in any case.
  if (model.stage !== 'open') return
  updatePhase(model)
  if (isDone(model)) finish(model)
  else if (model.wasDone) wantMore(model)
}

const finish = (model: SessionModel): void => {
  if (!model.wasDone) tellUploadOnly(model)
  model.wasDone = true
  if (!model.isFlushed && (model.hasUnflushed || model.pendingFlushes === 0)) askFlush(model)
  if (!isSlotInUse(model)) emit(model, { _tag: 'DropSlots' })
}

const wantMore = (model: SessionModel): void => {
  model.wasDone = false
  model.isDoneTold = false
  model.isFlushed = false
  model.isUrgent = true
  tellUploadOnly(model)
  wakeCandidates(model.candidates, model.now)
  dialMore(model)
}

/** Pieces that nobody wants any more may still be on their way to the storage, or out of it. */
const isSlotInUse = ({ downloads, resume }: SessionModel): boolean => {
  if (resume.isStoring || resume.filling.size > 0) return true
  for (const { slot } of downloads.byPiece.values()) if (slot !== NONE) return true
  return false
}
