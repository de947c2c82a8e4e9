import { hasPieceHashes } from '../../codecs/missingLayers.js'
import { gatherLayers } from './layers.js'
import type { MetadataModel, MetadataOutcome } from './model.js'
import { releaseAsked } from './peers.js'

/**
 * The metadata is there, and is what the link stands for. That of a v2 torrent is not all that is needed: its piece layers
 * are outside of it, and are asked of the same peers (BEP 52).
 */
export const settle = (model: MetadataModel, outcome: MetadataOutcome): void => {
  if (outcome._tag === 'Failed' || hasPieceHashes(outcome.metainfo)) {
    model.outcome = outcome
    return
  }
  model.attempts = []
  for (const peer of model.peers.values()) {
    releaseAsked(peer)
    peer.attempt = undefined
    peer.restsUntil = 0
    peer.strikes = 0
  }
  model.layers = gatherLayers(outcome.metainfo)
}
