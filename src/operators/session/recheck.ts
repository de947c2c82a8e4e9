import { hasPiece } from '../piece/pieceTable.js'
import { abandonPiece, isBeingWritten } from './abandonPiece.js'
import { emit, notify } from './emit.js'
import { gainPiece } from './gainPiece.js'
import { goOn } from './goOn.js'
import { losePieces } from './losePieces.js'
import type { Recheck, SessionModel } from './model.js'
import { updatePhase } from './phase.js'
import { quietAll } from './quiet.js'
import { cancelPiece } from './receivePiece.js'
import { settleWanted } from './settleWanted.js'
import { markResumeChanged, saveResume } from './saveResume.js'
import type { StorageError } from './storageError.js'

/**
 * Begins the check that somebody has asked for, once the session is open. Whoever asks while one is under way joins it,
 * the first check of all included. To be called at the end of each turn.
 */
export const beginRecheck = (model: SessionModel): void => {
  if (model.recheckIds.size === 0 || model.recheck !== undefined || model.stage !== 'open') return
  const { pieceCount } = model.geometry
  const number = ++model.rechecks
  model.recheck = {
    number,
    checked: 0,
    have: 0,
    ok: new Uint8Array(pieceCount),
    written: new Set(),
  }
  quietAll(model)
  updatePhase(model)
  // Else a file that was replaced by another would go on being read and written.
  emit(model, { _tag: 'ReleaseHandles' })
  if (pieceCount === 0) finish(model, model.recheck)
  else emit(model, { _tag: 'CheckPieces', first: 0, last: pieceCount - 1, recheck: number })
}

export const cancelRecheck = (model: SessionModel, id: number): void => {
  if (!model.recheckIds.delete(id) || model.recheckIds.size > 0) return
  endRecheck(model)
  goOn(model)
}

/** The check is over; what was known before stands. */
const endRecheck = (model: SessionModel): void => {
  model.recheckIds.clear()
  if (model.recheck === undefined) return
  model.recheck = undefined
  emit(model, { _tag: 'CancelCheck' })
  updatePhase(model)
}

export const failRecheck = (model: SessionModel, error: StorageError): void => {
  if (model.recheck === undefined) return
  endRecheck(model)
  notify(model, { _tag: 'RecheckFailed', at: model.now, error })
  goOn(model)
}

export const onRechecked = (model: SessionModel, number: number, first: number, ok: Uint8Array): void => {
  const { recheck } = model
  if (recheck?.number !== number) return
  for (let i = 0; i < ok.length; i++) {
    if (ok[i] !== 1) continue
    recheck.ok[first + i] = 1
    recheck.have++
  }
  recheck.checked = first + ok.length
  model.checkedPieces = recheck.checked
  if (recheck.checked === model.geometry.pieceCount) finish(model, recheck)
  else tellChecked(model, recheck.have, false)
}

/** To those who asked for a check. */
export const tellChecked = (model: SessionModel, havePieces: number, isDone: boolean): void => {
  if (model.recheckIds.size === 0) return
  const { pieceCount } = model.geometry
  const progress = { pieceCount, checkedPieces: model.checkedPieces, havePieces, isDone }
  notify(model, { _tag: 'Rechecked', at: model.now, progress })
  if (isDone) model.recheckIds.clear()
}

/** What was found is what is believed from here on. */
const finish = (model: SessionModel, { ok, written }: Recheck): void => {
  const lost: number[] = []
  for (let piece = 0; piece < ok.length; piece++) {
    const isRight = ok[piece] === 1 || written.has(piece)
    if (isRight) regain(model, piece)
    else if (hasPiece(model.table, piece)) lost.push(piece)
  }
  model.recheck = undefined
  losePieces(model, lost, '')
  settleWanted(model)
  tellChecked(model, model.table.havePieces, true)
  markResumeChanged(model)
  saveResume(model, 'flushed')
  goOn(model)
}

/** The piece turned out to be there; what had come of it is not needed. */
const regain = (model: SessionModel, piece: number): void => {
  if (hasPiece(model.table, piece)) return
  const download = model.downloads.byPiece.get(piece)
  if (download !== undefined) {
    // It is being verified or written: it will be had by itself.
    if (download.received === download.blockCount || isBeingWritten(download)) return
    cancelPiece(model, download)
    abandonPiece(model, download)
  }
  gainPiece(model, piece)
}
