import type { ResumeNews } from '../resume/resumeModel.js'
import { emit } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, isDone, type SessionModel } from './model.js'
import { resumeClaims, slotBlocks } from './resumeClaims.js'

/**
 * `flushed`: what is in the storage. `all`: also the blocks of pieces under way, which are written first; where payload
 * moves by the time that it begins, it is `flushed` all the same.
 */
export type ResumeExtent = 'flushed' | 'all'

/** Saves what is known, or does so once the save under way is over. Nothing where nothing is known yet. */
export const saveResume = (model: SessionModel, extent: ResumeExtent): void => {
  const { resume } = model
  if (!resume.isKept || !resume.isReady) return
  if (resume.status !== 'idle') {
    resume.again = extent === 'all' ? 'all' : (resume.again ?? extent)
    return
  }
  const blocks = extent === 'all' && isAtRest(model) ? slotBlocks(model) : []
  const news = newsOf(model)
  // While it is paused, none would follow that comes to the device.
  const isJustDone = news.isDone && !resume.saved.isDone && model.desired !== 'paused'
  const isAwaited = resume.first === 'awaited' || model.stage === 'stopping' || isJustDone
  resume.status = 'saving'
  resume.isStoring = blocks.length > 0
  resume.storing = blocks
  resume.isChanged = false
  resume.isUnsynced = false
  resume.saving = news
  resume.nextAt = model.now + SESSION_LIMITS.resumeMs
  const reach = model.now >= resume.syncAt ? 'device' : 'system'
  if (reach === 'device') resume.syncAt = resume.nextAt
  emit(model, {
    _tag: 'SaveResume',
    claims: resumeClaims(model, blocks),
    reach,
    blocks,
    ...(isAwaited && { isAwaited }),
  })
}

/** No payload moves: the session is paused, or has no peers any more. */
const isAtRest = ({ stage, desired, isDrained }: SessionModel): boolean =>
  stage === 'stopping' || (desired === 'paused' && isDrained)

/**
 * While payload moves: soon after the first of it, then every minute if there is news, and once when all that is wanted
 * is there.
 */
export const saveWhenDue = (model: SessionModel): void => {
  const { resume, now } = model
  if (!resume.isReady || resume.status !== 'idle' || !isActive(model)) return
  const soon = now + SESSION_LIMITS.earlyResumeMs
  if (resume.isYoung && resume.nextAt > soon && hasClaims(model)) {
    resume.isYoung = false
    // What has failed is tried again in its own time.
    if (resume.failures === 0) resume.nextAt = soon
  }
  const isJustDone = newsOf(model).isDone && !resume.saved.isDone && resume.failures === 0
  if (isJustDone || (now >= resume.nextAt && (isNews(model) || resume.isUnsynced)))
    saveResume(model, 'flushed')
}

/** The last save of a run: nothing moves any more. */
export const saveResumeAtEnd = (model: SessionModel): void => {
  const { resume, now } = model
  // Where all is there, and it is too soon for the device, it would say the same once more.
  const isUnsynced = resume.isUnsynced && !(resume.saved.isDone && now < resume.syncAt)
  if (resume.status === 'saving' || isUnsynced || isNews(model) || slotBlocks(model).length > 0) {
    saveResume(model, 'all')
  }
}

/** Whether a save is under way or wanted. */
export const isResumeBusy = ({ resume }: SessionModel): boolean =>
  resume.status !== 'idle' || resume.again !== undefined

/** The torrent's data is taken away: so is what is known of it, and no more is kept. */
export const removeResume = (model: SessionModel): void => {
  const { resume } = model
  if (!resume.isKept) return
  resume.isKept = false
  resume.again = undefined
  resume.isStoring = false
  resume.status = 'removing'
  emit(model, { _tag: 'RemoveResume' })
}

/** Something beyond pieces and totals has changed that the next run should know. */
export const markResumeChanged = (model: SessionModel): void => {
  model.resume.isChanged = true
}

export const newsOf = (model: SessionModel): ResumeNews => ({
  havePieces: model.table.havePieces,
  downloaded: model.downloaded,
  uploaded: model.uploaded,
  isDone: model.isFlushed && isDone(model),
})

/** Something to claim has come that no save tells of. */
const hasClaims = ({ resume: { saved }, table, usesSlots, downloaded }: SessionModel): boolean =>
  saved.havePieces !== table.havePieces || (!usesSlots && saved.downloaded !== downloaded)

const isNews = (model: SessionModel): boolean => {
  const { saved, isChanged } = model.resume
  return (
    isChanged ||
    saved.havePieces !== model.table.havePieces ||
    saved.downloaded !== model.downloaded ||
    saved.uploaded !== model.uploaded
  )
}
