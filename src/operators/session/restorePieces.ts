import type { PartialPiece } from '../../codecs/resume.js'
import { countBits, hasBit } from '../piece/bitfield.js'
import { beginDownload, NONE, receiveBlock } from '../piece/downloads.js'
import { blocksIn, pieceSize } from '../piece/geometry.js'
import { hasPiece, isMissing, isWanted, markBegun, markMissing, markVerifying } from '../piece/pieceTable.js'
import { emit } from './emit.js'
import { isActive, type SessionModel } from './model.js'
import { askAll } from './askInTurn.js'
import { settleWanted } from './settleWanted.js'

/**
 * Goes on with the pieces that an earlier run began: their blocks come out of the storage, into slots if need be. Not
 * before it is known what is wanted.
 */
export const restorePieces = (model: SessionModel): void => {
  const { resume, table, freeSlots, usesSlots } = model
  if (model.stage !== 'open' || model.awaitsPriorities) return
  for (const { piece, blocks } of resume.partial) {
    if (!isMissing(table, piece)) continue
    // A slot is for what is wanted.
    if (usesSlots && (freeSlots.length === 0 || !isWanted(table, piece))) continue
    markBegun(table, piece)
    if (usesSlots) {
      const slot = freeSlots.pop()!
      resume.filling.set(piece, { piece, slot, blocks, isForgotten: false })
      emit(model, { _tag: 'FillSlot', piece, slot, blocks, blockLength: model.geometry.blockLength })
    } else {
      goOnWith(model, { piece, blocks }, NONE)
    }
  }
  resume.partial = []
}

/**
 * What an earlier run began is of no use any more: its blocks are cut in another way. A slot that is being read into is
 * for nobody else until then, for the rest of it is still to come.
 */
export const forgetPartial = ({ resume }: SessionModel): void => {
  resume.partial = []
  for (const [piece, filled] of resume.filling) resume.filling.set(piece, { ...filled, isForgotten: true })
}

/** The blocks of a piece are in its slot, or cannot be read: then it is begun anew some time. */
export const onSlotFilled = (model: SessionModel, piece: number, ok: boolean): void => {
  const { resume } = model
  const filled = resume.filling.get(piece)
  // Who stops has no use for it, and the claim stays.
  if (filled === undefined || model.stage === 'stopping') return
  resume.filling.delete(piece)
  if (ok && !filled.isForgotten && !hasPiece(model.table, piece) && isWanted(model.table, piece)) {
    goOnWith(model, filled, filled.slot)
  } else {
    model.freeSlots.push(filled.slot)
    if (!hasPiece(model.table, piece)) markMissing(model.table, piece)
    settleWanted(model)
  }
  if (isActive(model)) askAll(model)
}

const goOnWith = (model: SessionModel, { piece, blocks }: PartialPiece, slot: number): void => {
  const { downloads, geometry } = model
  const download = beginDownload(downloads, piece, slot, blocksIn(geometry, piece), NONE)
  download.stored = blocks.slice()
  if (slot === NONE) download.written = countBits(blocks)
  let isWhole = false
  for (let block = 0; block < download.blockCount; block++) {
    if (hasBit(blocks, block)) isWhole = receiveBlock(downloads, download, block, NONE)
  }
  if (!isWhole) return
  markVerifying(model.table, piece)
  emit(model, { _tag: 'VerifyPiece', piece, slot, length: pieceSize(geometry, piece) })
}
