import { releaseBlock } from '../piece/downloads.js'
import { blockSize } from '../piece/geometry.js'
import { outstandingCount, releaseNewest } from '../rate/requestQueue.js'
import { tell } from './emit.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { refundRequest } from './peers.js'

/** What may still come of what was asked for under a higher limit. */
const KEPT_MS = 500

/**
 * Calls off the newest requests of these peers, until what is left is half a second's worth at the limit. What is on
 * its way is still taken, and counted then.
 */
export const callOffExcess = (model: SessionModel, peers: ReadonlyArray<PeerModel>, limit: number): void => {
  const busy = peers.filter(({ requests }) => outstandingCount(requests) > 0)
  const blocks = Math.ceil((limit * KEPT_MS) / 1_000 / model.geometry.blockLength)
  busy.forEach((peer, index) => {
    const kept = Math.floor(blocks / busy.length) + (index < blocks % busy.length ? 1 : 0)
    releaseNewest(peer.requests, kept, (piece, block) => {
      callOff(model, peer, piece, block)
    })
  })
}

const callOff = (model: SessionModel, peer: PeerModel, piece: number, block: number): void => {
  const { geometry, downloads } = model
  const length = blockSize(geometry, piece, block)
  refundRequest(model, peer, piece, block)
  const download = downloads.byPiece.get(piece)
  if (download !== undefined) releaseBlock(downloads, download, block)
  tell(model, peer, { _tag: 'Cancel', piece, begin: block * geometry.blockLength, length })
}
