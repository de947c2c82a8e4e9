import { emit } from './emit.js'
import type { SessionModel } from './model.js'

/** Tells the storage which files are wanted: only where it matters, or has mattered. */
export const selectFilesOnDisk = (model: SessionModel): void => {
  const { stage, filePriorities } = model
  const wanted = Array.from(filePriorities, (priority) => priority > 0)
  model.isSelective ||= wanted.includes(false)
  if (!model.isSelective || (stage !== 'checking' && stage !== 'open')) return
  emit(model, { _tag: 'SelectFiles', wanted })
}
