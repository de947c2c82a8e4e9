import { isSamePath } from '../../codecs/renameFiles.js'
import type { StorageCommand } from './command.js'
import { emit, notify } from './emit.js'
import type { StorageOpEvent } from './event.js'
import { stop } from './lifecycle.js'
import type { SessionModel } from './model.js'
import type { StorageError } from './storageError.js'
import { markResumeChanged, removeResume, saveResume } from './saveResume.js'
import { vouchedFiles } from './vouchedFiles.js'

/**
 * What the user wants done with the files. Before the storage is open it waits, unless that has failed. A new name waits
 * for the first check, too: nothing could be saved before, and a file whose name nobody remembers is lost.
 */
export const askStorage = (model: SessionModel, command: StorageCommand): void => {
  const isUnsavable = command._tag === 'RenameFile' && model.stage === 'checking' && model.resume.isKept
  if (model.stage === 'opening' || isUnsavable) {
    model.waitingOps.push(command)
    if (model.storage._tag === 'Stalled') refuseWaiting(model, model.storage.error)
    return
  }
  if (command._tag === 'RemoveData') {
    // A flush would make empty files anew, and a piece that is still to be written a whole one.
    model.removal = command.id
    removeResume(model)
    stop(model)
    emit(model, { ...command, vouched: vouchedFiles(model) })
    return
  }
  if (command._tag === 'RenameFile') model.renaming = [...model.renaming, command.id]
  emit(model, command)
}

export const askWaiting = (model: SessionModel): void => {
  for (const command of model.waitingOps.splice(0)) askStorage(model, command)
}

/** The storage does not open: nobody is kept waiting. Who wants the data gone wants the session to end in any case. */
export const refuseWaiting = (model: SessionModel, error: StorageError): void => {
  for (const command of model.waitingOps.splice(0)) {
    if (command._tag === 'ReleaseHandles' || command._tag === 'CancelMove') continue
    notify(model, { _tag: 'StorageOpFailed', at: model.now, id: command.id, error })
    if (command._tag !== 'RemoveData') continue
    removeResume(model)
    stop(model)
  }
}

/** What became of it. */
export const onStorageOp = (model: SessionModel, event: StorageOpEvent): void => {
  if (model.renaming.length > 0) model.renaming = model.renaming.filter((id) => id !== event.id)
  switch (event._tag) {
    case 'StorageMoved':
      model.directory = event.directory
      model.isUrgent = true
      // Where the files are now there is to be word of them, with the times that they have there.
      markResumeChanged(model)
      saveResume(model, 'flushed')
      break
    case 'FileRenamed':
      rename(model, event.file, event.path)
      break
    case 'DataRemoved':
    case 'StorageOpFailed':
      if (event.id === model.removal) {
        model.removal = undefined
        model.isFlushed = true
      }
      break
    case 'MoveProgressed':
      break
  }
  notify(model, event)
}

/** Saved at once: where nobody remembers the name, the next run fetches the file again. */
const rename = (model: SessionModel, file: number, path: ReadonlyArray<string>): void => {
  const renamed = new Map(model.renamed)
  const own = model.config.metainfo.files[file]?.path ?? []
  if (isSamePath(own, path)) renamed.delete(file)
  else renamed.set(file, path)
  model.renamed = renamed
  model.isUrgent = true
  markResumeChanged(model)
  saveResume(model, 'flushed')
}
