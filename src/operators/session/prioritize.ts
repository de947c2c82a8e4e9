import { disorder, hasPiece, isWanted, setPriority } from '../piece/pieceTable.js'
import { piecePriorities, prioritiesProblem } from '../piece/piecePriorities.js'
import { HIGHEST_PRIORITY } from '../piece/pickOrder.js'
import { dropWindow, isInWindow, putWindow } from '../piece/windows.js'
import { dropPieces } from './dropPieces.js'
import { emit, notify } from './emit.js'
import { peerHas } from './mayAsk.js'
import type { SessionModel } from './model.js'
import { updateInterest } from './peers.js'
import { requestFromAll } from './requestBlocks.js'
import { settleWanted } from './settleWanted.js'

/** The user wants other files, or in another order. */
export const setPriorities = (model: SessionModel, priorities: ReadonlyArray<number>): void => {
  const { files } = model.config.metainfo
  const problem = prioritiesProblem(priorities, files.length)
  if (problem !== undefined) {
    refuse(model, 'SetPriorities', problem)
    return
  }
  const before = model.filePriorities
  model.filePriorities = Uint8Array.from(priorities)
  model.basePriorities = piecePriorities(files, priorities, model.geometry)
  model.awaitsPriorities = false
  if (before.some((priority, file) => priority > 0 !== priorities[file]! > 0)) selectFilesOnDisk(model)
  apply(model, span(0, model.geometry.pieceCount - 1))
}

/** A reader needs these pieces, in order; the same id again moves its window. */
export const setWindow = (model: SessionModel, id: number, first: number, last: number): void => {
  const areWhole = Number.isInteger(first) && Number.isInteger(last)
  if (!areWhole || first < 0 || last < first || last >= model.geometry.pieceCount) {
    refuse(model, 'SetWindow', `no pieces ${String(first)} to ${String(last)}`)
    return
  }
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

/** Tells the storage which files are wanted: only where it matters, or has mattered. */
export const selectFilesOnDisk = (model: SessionModel): void => {
  const { phase, filePriorities } = model
  const wanted = Array.from(filePriorities, (priority) => priority > 0)
  model.isSelective ||= wanted.includes(false)
  if (!model.isSelective || phase === 'opening' || phase === 'stopping' || phase === 'stopped') return
  emit(model, { _tag: 'SelectFiles', wanted })
}

/** So many changes cost more, one by one, than making the order of picking again. */
const MANY = 64

/** Gives the pieces the priority that their files and windows ask for, and does what follows. */
const apply = (model: SessionModel, pieces: ReadonlyArray<number>): void => {
  const { table, windows, basePriorities } = model
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
  for (const peer of model.peers.values()) updateInterest(model, peer)
  settleWanted(model)
  requestFromAll(model)
}

const span = (first: number, last: number): ReadonlyArray<number> =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i)

const refuse = (model: SessionModel, command: 'SetPriorities' | 'SetWindow', message: string): void => {
  notify(model, { _tag: 'CommandRefused', at: model.now, command, message })
}
