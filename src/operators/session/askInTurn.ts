import { outstandingCount } from '../rate/requestQueue.js'
import type { Helpings } from './inTurn.js'
import { inTurn } from './inTurn.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { hasRoom, requestBlocks } from './requestBlocks.js'

/** In flight beyond the delay of a peer that is under a limit: what may still come once the limit is lowered. */
const SLACK_MS = 1_000
/** Stands in for a delay that nobody measured. */
const USUAL_DELAY_MS = 1_000
/** One in flight and one on its way: a peer is not to be idle between them. */
const LEAST_DEPTH = 2

const deepest = (model: SessionModel, { depth }: PeerModel, limit: number): number => {
  if (limit === Infinity) return Infinity
  const delayMs = depth.minDelayMs === Infinity ? USUAL_DELAY_MS : depth.minDelayMs
  const bytes = (limit * (delayMs + SLACK_MS)) / 1_000
  return Math.max(LEAST_DEPTH, Math.ceil(bytes / model.geometry.blockLength))
}

const requests: Helpings = {
  direction: 'down',
  help: (model, peer, bytes, limit) => {
    const { blockLength } = model.geometry
    const blocks = bytes === Infinity ? bytes : Math.max(1, Math.floor(bytes / blockLength))
    return requestBlocks(model, peer, blocks, deepest(model, peer, limit)) * blockLength
  },
  underWay: ({ geometry }, { requests: queue }) => outstandingCount(queue) * geometry.blockLength,
  wants: (model, peer, limit) => hasRoom(model, peer, deepest(model, peer, limit)),
}

/** The peer may be ready for more requests. Under a limit, whoever's turn it is gets what there is. */
export const askPeer = (model: SessionModel, peer: PeerModel): void => {
  if (model.allowance.down.isLimited) inTurn(model, requests)
  else requestBlocks(model, peer)
}

/** Asks every peer, those that leave us waiting last. */
export const askAll = (model: SessionModel): void => {
  if (model.allowance.down.isLimited) {
    inTurn(model, requests)
    return
  }
  for (const peer of model.peers.values()) if (!peer.isSnubbed) requestBlocks(model, peer)
  for (const peer of model.peers.values()) if (peer.isSnubbed) requestBlocks(model, peer)
}
