import { blockSize } from '../piece/geometry.js'
import { forEachRequest } from '../rate/requestQueue.js'
import { stopServing } from './chokeRound.js'
import { tell } from './emit.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { releasePeerRequests } from './peers.js'

/** No payload is to move any more: nobody is served, and what was asked for is taken back. */
export const quietAll = (model: SessionModel): void => {
  for (const peer of model.peers.values()) {
    stopServing(model, peer)
    cancelRequests(model, peer)
  }
}

/**
 * With BEP 6 each request that is cancelled is answered all the same, by its block or a refusal. Without it a cancel has
 * no answer: the last request stands, and once its block has come nothing before it can.
 */
const cancelRequests = (model: SessionModel, peer: PeerModel): void => {
  let left = peer.requests.size
  forEachRequest(peer.requests, (piece, block) => {
    left--
    if (!peer.hasFast && left === 0) return
    const begin = block * model.geometry.blockLength
    tell(model, peer, { _tag: 'Cancel', piece, begin, length: blockSize(model.geometry, piece, block) })
  })
  releasePeerRequests(model, peer)
}
