import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import { saveResume } from './saveResume.js'

/**
 * Before the first byte is asked for, resume data that claim nothing: whenever the session is killed, what it has left
 * in the folder is known for its own. To be called when somebody has what is wanted, since who finds nobody is to leave
 * nothing.
 */
export const saveFirst = (model: SessionModel): void => {
  const { resume, now } = model
  if (resume.first !== 'due' || !resume.isKept || !resume.isReady) return
  resume.first = 'awaited'
  resume.heldUntil = now + SESSION_LIMITS.firstSaveMs
  // One that is under way will do.
  if (resume.status === 'idle') saveResume(model, 'flushed')
}

/** Nothing is to be asked for yet. */
export const isHeldByFirstSave = ({ resume, now }: SessionModel): boolean =>
  resume.first === 'awaited' && now < resume.heldUntil
