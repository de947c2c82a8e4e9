import { markHave } from '../piece/pieceTable.js'
import { emit } from './emit.js'
import { isComplete, type SessionModel } from './model.js'
import { updateInterest } from './peers.js'
import { updatePhase } from './phase.js'
import { peerHas } from './requestBlocks.js'

/** A piece is verified and in the storage. */
export const gainPiece = (model: SessionModel, piece: number): void => {
  markHave(model.table, piece)
  model.newHaves.push(piece)
  for (const peer of model.peers.values()) {
    if (!peerHas(peer, piece)) continue
    peer.wantedPieces--
    updateInterest(model, peer)
  }
}

/** After pieces were gained: answers whether they are all there now, which has then been seen to. */
export const completeIfAllThere = (model: SessionModel): boolean => {
  updatePhase(model)
  if (!isComplete(model)) return false
  emit(model, { _tag: 'Flush' })
  emit(model, { _tag: 'DropSlots' })
  return true
}
