import { hasPiece, isWanted, markMissing } from '../piece/pieceTable.js'
import { notify } from './emit.js'
import { encodeDonthave } from './extension/ltDonthave.js'
import { tellExtended } from './extension/tellExtended.js'
import type { SessionModel } from './model.js'
import { updateInterest } from './peers.js'
import { peerHas } from './mayAsk.js'
import { refuseUploads } from './serve.js'
import { settleWanted } from './settleWanted.js'

/** What was had is not on the disk any more: it is fetched again if it is wanted, and refused until then. */
export const losePieces = (model: SessionModel, pieces: ReadonlyArray<number>, file: string): void => {
  const { table, newHaves } = model
  const lost = new Set(pieces.filter((piece) => hasPiece(table, piece)))
  if (lost.size === 0) return
  for (const piece of lost) {
    markMissing(table, piece)
    if (model.recheck === undefined) continue
    model.recheck.ok[piece] = 0
    model.recheck.written.delete(piece)
  }
  const told = newHaves.filter((piece) => !lost.has(piece))
  newHaves.length = 0
  for (const piece of told) newHaves.push(piece)
  for (const peer of model.peers.values()) {
    for (const piece of lost) if (isWanted(table, piece) && peerHas(peer, piece)) peer.wantedPieces++
    for (const piece of lost) tellExtended(model, peer, 'lt_donthave', encodeDonthave(piece))
    refuseUploads(model, peer, lost)
    updateInterest(model, peer)
  }
  notify(model, { _tag: 'PiecesGone', at: model.now, pieces: [...lost], file })
  settleWanted(model)
}
