import { limitExceeded } from '../../codecs/errors.js'
import { MAX_TORRENT_BYTES } from '../../codecs/limits.js'
import { HASH_LENGTH } from '../../codecs/merkle.js'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import { hasPieceHashes, missingLayers } from '../../codecs/missingLayers.js'
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
  const bytes = torrentBytes(outcome.metainfo)
  if (bytes > MAX_TORRENT_BYTES) {
    const error = limitExceeded('bytes', MAX_TORRENT_BYTES, bytes, 'piece layers')
    model.outcome = { _tag: 'Failed', error: { _tag: 'MetadataInvalid', error } }
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

/** What the torrent would come to with its layers, about: nobody is to fetch what is then refused. */
const torrentBytes = (metainfo: Metainfo): number =>
  missingLayers(metainfo).reduce(
    (sum, { pieceCount }) => sum + HASH_LENGTH * (pieceCount + 1),
    metainfo.info.length,
  )
