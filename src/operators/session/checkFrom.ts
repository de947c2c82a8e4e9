import { hasBit } from '../piece/bitfield.js'
import { emit, notify } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import { startNetwork } from './lifecycle.js'
import type { SessionModel } from './model.js'
import { askWaiting } from './onStorageOp.js'
import { restorePieces } from './restorePieces.js'
import { tellChecked } from './recheck.js'
import { newsOf } from './saveResume.js'
import { tellForeignFiles } from './tellForeignFiles.js'

/** Has the next range of pieces checked that nobody vouches for; behind the last one, the session begins. */
export const checkFrom = (model: SessionModel, from: number): void => {
  const { resume, geometry } = model
  const isKnown = (piece: number): boolean => resume.known !== undefined && hasBit(resume.known, piece)
  let first = from
  while (first < geometry.pieceCount && isKnown(first)) first++
  model.checkedPieces = first
  if (first === geometry.pieceCount) {
    endCheck(model)
    return
  }
  let last = first
  while (last + 1 < geometry.pieceCount && !isKnown(last + 1)) last++
  resume.checkEnd = last
  emit(model, { _tag: 'CheckPieces', first, last })
}

const endCheck = (model: SessionModel): void => {
  const { resume, geometry, table, now } = model
  // Where pieces were taken on trust, the check that somebody asked for meanwhile is yet to come.
  if (resume.known === undefined) tellChecked(model, table.havePieces, true)
  resume.known = undefined
  resume.checkEnd = geometry.pieceCount - 1
  notify(model, {
    _tag: 'CheckDone',
    at: now,
    havePieces: table.havePieces,
    missingPieces: table.wantedPieces - table.wantedHave,
  })
  tellForeignFiles(model)
  startNetwork(model)
  resume.isReady = true
  // What a check has found is worth keeping at once; what was loaded is kept already.
  const isNew = newsOf(model).havePieces !== resume.saved.havePieces || resume.isChanged || resume.isUnsynced
  const isWorthIt = table.havePieces > 0 || model.renamed.size > 0
  resume.nextAt = isNew && isWorthIt ? now : now + SESSION_LIMITS.resumeMs
  resume.syncAt = resume.nextAt
  // Nobody waits for that: it is in time with the first save of a minute.
  if (resume.isInherited) resume.isChanged = true
  restorePieces(model)
  askWaiting(model)
}
