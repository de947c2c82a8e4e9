import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { isSamePath } from '../../codecs/renameFiles.js'
import type { FileStat, ResumeData } from '../../codecs/resume.js'
import { countBits, createBits, hasBit } from '../piece/bitfield.js'
import { isReceived, markStored } from '../piece/downloads.js'
import { markHave } from '../piece/pieceTable.js'
import { trustedPieces } from '../resume/trustedPieces.js'
import { restoreTrackers } from '../tracker/restoreTrackers.js'
import { checkFrom } from './checkFrom.js'
import { notify } from './emit.js'
import type { ResumeEvent } from './event.js'
import { addCandidates } from './lifecycle.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, isDone, type SessionModel } from './model.js'
import type { ResumeRejection } from './notice.js'
import { updatePhase } from './phase.js'
import { askAll } from './askInTurn.js'
import { applyPriorities } from './prioritize.js'
import { onSlotFilled } from './restorePieces.js'
import { saveResume } from './saveResume.js'

/** Everything about what is kept from run to run. */
export const onResume = (model: SessionModel, event: ResumeEvent): void => {
  switch (event._tag) {
    case 'ResumeLoaded':
      onLoaded(model, event)
      return
    case 'SlotFilled':
      onSlotFilled(model, event.piece, event.ok)
      return
    case 'BlocksStored':
      onStored(model, event.pieces)
      return
    case 'ResumeSaved':
      model.resume.saved = model.resume.saving
      model.resume.failures = 0
      if (event.isUnsynced === true) model.resume.isUnsynced = true
      notify(model, { _tag: 'ResumeSaved', at: model.now })
      onSettled(model)
      return
    case 'ResumeSaveFailed':
      onSaveFailed(model, event)
      return
    case 'ResumeRemoved':
      model.resume.status = 'idle'
      if (O.isSome(event.problem)) {
        notify(model, { _tag: 'ResumeSaveFailed', at: model.now, error: event.problem.value })
      }
      return
  }
}

const onLoaded = (model: SessionModel, event: ResumeEvent & { readonly _tag: 'ResumeLoaded' }): void => {
  if (model.stage !== 'checking') return
  model.resume.isLoading = false
  if (O.isSome(event.problem)) reject(model, event.problem.value)
  model.resume.isInherited = event.isUnsynced === true
  if (O.isSome(event.resume)) {
    restore(model, event.resume.value)
    if (O.isNone(event.stats)) reject(model, { _tag: 'FilesUnknown' })
    // Who asks for a check from the start is not to be told what somebody remembers.
    else if (model.recheckIds.size === 0) trust(model, event.resume.value, event.stats.value)
  } else {
    beginNew(model, event)
  }
  checkFrom(model, 0)
  updatePhase(model)
}

/** No earlier run has left a word. */
const beginNew = (
  model: SessionModel,
  { stats, problem }: ResumeEvent & { readonly _tag: 'ResumeLoaded' },
): void => {
  const { resume, config, geometry, recheckIds } = model
  resume.first = 'due'
  if (O.isNone(stats)) return
  const sizes = config.metainfo.files.flatMap(({ length, isPad }, file) => {
    const stat = stats.value[file] ?? O.none
    return isPad || length === 0 || O.isNone(stat) ? [] : [{ file, size: stat.value.size }]
  })
  // A new download has nothing to look at, and begins at once.
  if (sizes.length === 0 && recheckIds.size === 0) resume.known = createBits(geometry.pieceCount).fill(0xff)
  // Where there were resume data that are of no use, the files are the session's own.
  if (O.isNone(problem)) resume.strangers = sizes.filter(({ size }) => size > 0).map(({ file }) => file)
}

const reject = (model: SessionModel, reason: ResumeRejection): void => {
  model.resume.isChanged = true
  notify(model, { _tag: 'ResumeRejected', at: model.now, reason })
}

/** What is true whatever has become of the files. */
const restore = (model: SessionModel, data: ResumeData): void => {
  const { resume, trackers } = model
  resume.before = data.totals
  if (data.addedAt > 0) resume.addedAt = data.addedAt
  if (resume.restoresPriorities) applyPriorities(model, data.priorities)
  else if (!isSame(model.filePriorities, data.priorities)) resume.isChanged = true
  // The storage knew better.
  if (!areKnown(model, data.renamed)) resume.isChanged = true
  restoreTrackers(trackers, model.config.metainfo.trackers, data, model.now)
  addCandidates(model, data.peers, 'resume')
}

const areKnown = ({ renamed }: SessionModel, kept: ResumeData['renamed']): boolean =>
  renamed.size === kept.length && kept.every(({ file, path }) => isSamePath(path, renamed.get(file) ?? []))

const isSame = (a: Uint8Array, b: ReadonlyArray<number>): boolean =>
  a.length === b.length && a.every((priority, file) => priority === b[file])

const trust = (model: SessionModel, data: ResumeData, stats: ReadonlyArray<Option<FileStat>>): void => {
  const { resume, geometry, table, config } = model
  const { known, changed } = trustedPieces(config.metainfo.files, geometry, data, stats)
  if (changed.length > 0) reject(model, { _tag: 'FilesChanged', files: changed })
  const unsynced = O.isSome(data.unsynced) ? countBits(data.unsynced.value.pieces) : 0
  if (unsynced > 0) reject(model, { _tag: 'MaybeLost', pieces: unsynced })
  for (let piece = 0; piece < geometry.pieceCount; piece++) {
    if (hasBit(known, piece) && hasBit(data.pieces, piece)) markHave(table, piece)
  }
  resume.known = known
  // Blocks of another length are of no use, and nobody can tell whether a block was lost.
  const isKept = data.blockLength === geometry.blockLength && O.isNone(data.unsynced)
  const partial = isKept ? data.partial : []
  resume.partial = partial.filter(({ piece }) => hasBit(known, piece))
  resume.saved = { ...resume.saved, havePieces: table.havePieces, isDone: isDone(model) }
}

/** What a save has written from the slots is in the storage: they may be used again. */
const onStored = (model: SessionModel, pieces: ReadonlyArray<number>): void => {
  const { resume, downloads, geometry } = model
  const { storing } = resume
  resume.isStoring = false
  resume.storing = []
  for (const { piece, slot, blocks, blockLength } of storing) {
    const download = downloads.byPiece.get(piece)
    const isSame = download?.slot === slot && blockLength === geometry.blockLength
    if (!isSame || !pieces.includes(piece)) continue
    for (let block = 0; block < download.blockCount; block++) {
      // What has come meanwhile is not among them.
      if (hasBit(blocks, block) && isReceived(download, block)) markStored(download, block)
    }
  }
  if (isActive(model)) askAll(model)
}

const onSaveFailed = (
  model: SessionModel,
  { error }: ResumeEvent & { readonly _tag: 'ResumeSaveFailed' },
): void => {
  const { resume, now } = model
  resume.failures++
  resume.isChanged = true
  const wait = SESSION_LIMITS.resumeMs * 2 ** Math.min(resume.failures - 1, 10)
  resume.nextAt = now + Math.min(wait, SESSION_LIMITS.resumeRetryMs)
  notify(model, { _tag: 'ResumeSaveFailed', at: now, error })
  onSettled(model)
}

/** The save under way is over: the one that was asked for meanwhile begins. */
const onSettled = (model: SessionModel): void => {
  const { resume } = model
  // What was asked for last is to be taken away.
  if (resume.status !== 'saving') return
  resume.status = 'idle'
  resume.isStoring = false
  resume.storing = []
  const { again } = resume
  const isAwaited = resume.first !== 'over'
  resume.again = undefined
  resume.first = 'over'
  if (again !== undefined) saveResume(model, again)
  if (isAwaited && isActive(model)) askAll(model)
}
