import { NONE, releaseBlock } from '../piece/downloads.js'
import { blockSize } from '../piece/geometry.js'
import { removeRequests } from '../rate/requestQueue.js'
import { abandonPiece } from './abandonPiece.js'
import { tell } from './emit.js'
import type { SessionModel } from './model.js'
import { refundRequest } from './peers.js'

/**
 * Nothing of the pieces that `isGone` names is to come any more. What is in memory of such a piece is given up: the slot
 * is for others. What was written through stays, as it costs nothing, and is gone on with when its time comes. A piece
 * that has all its blocks is verified all the same.
 */
export const dropPieces = (model: SessionModel, isGone: (piece: number) => boolean): void => {
  const { geometry, downloads } = model
  for (const peer of model.peers.values()) {
    removeRequests(peer.requests, isGone, (piece, block, isReleased) => {
      const length = blockSize(geometry, piece, block)
      tell(model, peer, { _tag: 'Cancel', piece, begin: block * geometry.blockLength, length })
      // What was already on its way is not the peer's fault.
      peer.wasted -= length
      if (isReleased) return
      refundRequest(model, piece, block)
      const download = downloads.byPiece.get(piece)
      if (download !== undefined) releaseBlock(downloads, download, block)
    })
  }
  for (const download of downloads.byPiece.values()) {
    const { piece, slot, received, blockCount } = download
    if (slot !== NONE && received < blockCount && isGone(piece)) abandonPiece(model, download)
  }
}
