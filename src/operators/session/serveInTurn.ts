import type { Helpings } from './inTurn.js'
import { inTurn } from './inTurn.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { hasUploads, serveUploads } from './serve.js'

const uploads: Helpings = {
  direction: 'up',
  help: serveUploads,
  underWay: (_, { servingBytes }) => servingBytes,
  wants: (_, peer) => hasUploads(peer),
}

/** The peer may be ready for more blocks. Under a limit, whoever's turn it is gets what there is. */
export const servePeer = (model: SessionModel, peer: PeerModel): void => {
  if (model.allowance.up.isLimited) inTurn(model, uploads)
  else serveUploads(model, peer)
}

/** Serves whoever waits. */
export const serveAll = (model: SessionModel): void => {
  if (model.allowance.up.isLimited) {
    inTurn(model, uploads)
    return
  }
  for (const peer of model.peers.values()) serveUploads(model, peer)
}
