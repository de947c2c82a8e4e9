import { NONE } from '../piece/downloads.js'
import { askFlush } from './askFlush.js'
import { stopServing } from './chokeRound.js'
import { emit, notify } from './emit.js'
import { goOn } from './goOn.js'
import { SESSION_LIMITS } from './limits.js'
import { HEALTHY, type SessionModel, type StorageRetry } from './model.js'
import { refuseWaiting } from './onStorageOp.js'
import { setStage, updatePhase } from './phase.js'
import { selectFilesOnDisk } from './selectFilesOnDisk.js'
import type { StorageError } from './storageError.js'

/** The storage cannot go on: nothing is asked for or served until it is tried again. */
export const stall = (model: SessionModel, retry: StorageRetry, error: StorageError): void => {
  // Of what was under way when the data was deleted, nothing is to be told.
  if (model.stage === 'stopping' && error.kind === 'closed') return
  tell(model, error)
  if (model.stage === 'stopping' || model.stage === 'stopped') return
  model.retries.push(retry)
  model.failedOperation = error.operation
  const wasStalled = model.storage._tag === 'Stalled'
  if (wasStalled && !model.isProbing) return
  model.isProbing = false
  model.retryAt = model.now + model.retryMs
  model.storage = { _tag: 'Stalled', error, retryAt: model.retryAt }
  // A disk that was full for a moment is soon tried again, one that is gone not all the time.
  model.retryMs = Math.min(2 * model.retryMs, SESSION_LIMITS.storageRetryMs)
  updatePhase(model)
  if (model.stage === 'opening' || model.stage === 'checking') refuseWaiting(model, error)
  if (!wasStalled) for (const peer of model.peers.values()) stopServing(model, peer)
}

/** Once for what is the same, until it is tried again: on a full disk every write that is under way fails. */
const tell = (model: SessionModel, error: StorageError): void => {
  const { toldFailure: told } = model
  const isTold = told?.kind === error.kind && told.operation === error.operation && told.file === error.file
  model.toldFailure = error
  if (!isTold) notify(model, { _tag: 'StorageFailed', at: model.now, error })
}

/** The storage may have recovered: what failed is done again, and if that works all goes on. */
export const retryStorage = (model: SessionModel): void => {
  const retries = model.retries.splice(0)
  model.toldFailure = undefined
  model.retryAt = Infinity
  if (model.stage === 'stopping' || model.stage === 'stopped') return
  if (retries.some((retry) => retry._tag === 'Open')) {
    model.storage = HEALTHY
    setStage(model, 'opening')
    emit(model, { _tag: 'OpenStorage' })
    return
  }
  if (retries.some((retry) => retry._tag === 'Select')) selectFilesOnDisk(model)
  for (const retry of retries) {
    if (retry._tag === 'Write') {
      const { piece, slot, length } = retry
      emit(model, { _tag: 'WritePiece', piece, slot, length })
    } else if (retry._tag === 'Verify') {
      emit(model, { _tag: 'VerifyPiece', piece: retry.piece, slot: NONE, length: 0 })
    }
  }
  if (retries.some((retry) => retry._tag === 'Flush')) askFlush(model)
  model.isProbing = retries.some((retry) => retry._tag !== 'Read' && retry._tag !== 'Select')
  // Nothing shows whether reading works but the next reader, and choosing files answers only if it fails.
  if (!model.isProbing) recover(model)
}

/** The storage has done what it was asked. */
export const storageWorks = (model: SessionModel, operation: StorageError['operation']): void => {
  if (model.failedOperation === undefined) return
  if (model.isProbing) recover(model)
  if (model.failedOperation !== operation || model.storage._tag === 'Stalled') return
  model.failedOperation = undefined
  model.retryMs = SESSION_LIMITS.firstStorageRetryMs
}

const recover = (model: SessionModel): void => {
  model.isProbing = false
  model.storage = HEALTHY
  updatePhase(model)
  goOn(model)
}
