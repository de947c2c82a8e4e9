import { NONE, releaseBlock } from '../piece/downloads.js'
import { blockSize } from '../piece/geometry.js'
import { releasePieces, removePieces } from '../rate/requestQueue.js'
import { abandonPiece } from './abandonPiece.js'
import { tell } from './emit.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { refundRequest } from './peers.js'

/**
 * Nothing of the pieces that `isGone` names is to come any more. What is in memory of such a piece is given up: the slot
 * is for others. What was written through stays, as it costs nothing, and is gone on with when its time comes. A piece
 * that has all its blocks is verified all the same.
 */
export const dropPieces = (model: SessionModel, isGone: (piece: number) => boolean): void => {
  // Else everything has been called off already, and what is still to come is waited for.
  if (model.desired === 'running' && model.recheck === undefined) {
    for (const peer of model.peers.values()) callOff(model, peer, isGone)
  }
  for (const download of model.downloads.byPiece.values()) {
    const { piece, slot, received, blockCount } = download
    if (slot !== NONE && received < blockCount && isGone(piece)) abandonPiece(model, download)
  }
}

/** With BEP 6 the cancel itself is answered: the request stays until then. */
const callOff = (model: SessionModel, peer: PeerModel, isGone: (piece: number) => boolean): void => {
  const { geometry, downloads } = model
  const { requests, hasFast } = peer
  const call = hasFast ? releasePieces : removePieces
  call(requests, isGone, (piece, block, wasReleased) => {
    const length = blockSize(geometry, piece, block)
    tell(model, peer, { _tag: 'Cancel', piece, begin: block * geometry.blockLength, length })
    // What was already on its way is not the peer's fault.
    if (!hasFast) peer.wasted -= length
    if (wasReleased) return
    refundRequest(model, peer, piece, block)
    const download = downloads.byPiece.get(piece)
    if (download !== undefined) releaseBlock(downloads, download, block)
  })
}
