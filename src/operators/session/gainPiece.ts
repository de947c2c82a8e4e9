import { isWanted, markHave } from '../piece/pieceTable.js'
import { peerHas } from './mayAsk.js'
import type { SessionModel } from './model.js'
import { updateInterest } from './peers.js'

/** A piece is verified and in the storage. `settleWanted` is to follow. */
export const gainPiece = (model: SessionModel, piece: number): void => {
  markHave(model.table, piece)
  model.newHaves.push(piece)
  model.hasUnflushed = true
  if (model.stage === 'open') model.isFlushed = false
  // A piece may come that nobody wants any more.
  if (!isWanted(model.table, piece)) return
  for (const peer of model.peers.values()) {
    if (!peerHas(peer, piece)) continue
    peer.wantedPieces--
    updateInterest(model, peer)
  }
}
