import { disorder, hasPiece, isWanted, setPriority } from '../piece/pieceTable.js'
import { piecePriorities } from '../piece/piecePriorities.js'
import { HIGHEST_PRIORITY } from '../piece/pickOrder.js'
import { dropWindow, isInWindow, putWindow } from '../piece/windows.js'
import { askAll } from './askInTurn.js'
import type { SessionCommand } from './command.js'
import { dropPieces } from './dropPieces.js'
import { peerHas } from './mayAsk.js'
import type { SessionModel } from './model.js'
import { updateInterest } from './peers.js'
import { restorePieces } from './restorePieces.js'
import { markResumeChanged } from './saveResume.js'
import { selectFilesOnDisk } from './selectFilesOnDisk.js'
import { settleWanted } from './settleWanted.js'
import { tellForeignFiles } from './tellForeignFiles.js'
import { tellLongFiles } from './tellLongFiles.js'

type SetWindow = SessionCommand & { readonly _tag: 'SetWindow' }

/** The user wants other files, or in another order: from here on what an earlier run wanted does not count. */
export const setPriorities = (model: SessionModel, priorities: ReadonlyArray<number>): void => {
  model.resume.restoresPriorities = false
  model.awaitsPriorities = false
  markResumeChanged(model)
  applyPriorities(model, priorities)
}

/** Whoever wants them: the user, or an earlier run. */
export const applyPriorities = (model: SessionModel, priorities: ReadonlyArray<number>): void => {
  const before = model.filePriorities
  model.filePriorities = Uint8Array.from(priorities)
  model.basePriorities = undefined
  if (before.some((priority, file) => priority > 0 !== priorities[file]! > 0)) selectFilesOnDisk(model)
  if (model.stage === 'open') tellLongFiles(model)
  apply(model, span(0, model.geometry.pieceCount - 1))
}

/** What is wrong with a window; undefined: nothing. */
export const windowProblem = (
  model: SessionModel,
  { first, last }: Pick<SetWindow, 'first' | 'last'>,
): string | undefined => {
  const areWhole = Number.isInteger(first) && Number.isInteger(last)
  return areWhole && first >= 0 && last >= first && last < model.geometry.pieceCount
    ? undefined
    : `no pieces ${String(first)} to ${String(last)}`
}

/** A reader needs these pieces, in order; the same id again moves its window. */
export const setWindow = (model: SessionModel, { id, first, last }: SetWindow): void => {
  const before = model.windows.byId.get(id)
  putWindow(model.windows, id, first, last)
  apply(
    model,
    before === undefined ? span(first, last) : [...span(before.first, before.last), ...span(first, last)],
  )
}

export const clearWindow = (model: SessionModel, id: number): void => {
  const window = model.windows.byId.get(id)
  if (window === undefined) return
  dropWindow(model.windows, id)
  apply(model, span(window.first, window.last))
}

/** So many changes cost more, one by one, than making the order of picking again. */
const MANY = 64

/** Gives the pieces the priority that their files and windows ask for, and does what follows. */
const apply = (model: SessionModel, pieces: ReadonlyArray<number>): void => {
  const { table, windows, filePriorities, geometry } = model
  const basePriorities = (model.basePriorities ??= piecePriorities(
    model.config.metainfo.files,
    filePriorities,
    geometry,
  ))
  if (windows.byId.size === 0) model.basePriorities = undefined
  if (pieces.length > MANY) disorder(table)
  const flipped: number[] = []
  for (const piece of pieces) {
    const wasWanted = isWanted(table, piece)
    setPriority(table, piece, isInWindow(windows, piece) ? HIGHEST_PRIORITY : basePriorities[piece]!)
    if (wasWanted !== isWanted(table, piece) && !hasPiece(table, piece)) flipped.push(piece)
  }
  for (const peer of model.peers.values()) {
    for (const piece of flipped) {
      if (peerHas(peer, piece)) peer.wantedPieces += isWanted(table, piece) ? 1 : -1
    }
  }
  if (flipped.some((piece) => !isWanted(table, piece))) dropPieces(model, (piece) => !isWanted(table, piece))
  if (model.stage === 'open') tellForeignFiles(model)
  for (const peer of model.peers.values()) updateInterest(model, peer)
  // What had to wait for the first word on what is wanted.
  restorePieces(model)
  settleWanted(model)
  askAll(model)
}

const span = (first: number, last: number): ReadonlyArray<number> =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)
