import * as O from '#fp/Option'
import { allowedFastSet } from '../../codecs/allowedFast.js'
import { swarmHash } from '../../codecs/swarmHash.js'
import { pieceSize } from '../piece/geometry.js'
import { hasPiece } from '../piece/pieceTable.js'
import { tell } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import { peerHas } from './mayAsk.js'
import { isActive, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/**
 * Lets a newcomer that finds no slot free have a few pieces all the same (BEP 6), so that it has something to trade. Those
 * of the canonical set: the same for a whole /24, lest somebody come again and again.
 */
export const grantFast = (model: SessionModel, peer: PeerModel): void => {
  const { grantedFast: size, grantedTwice } = SESSION_LIMITS
  if (!peer.hasFast || !peer.amChoking || !isActive(model)) return
  // No slots at all: nobody is to be served.
  if (model.unchokeSlots === 0 || peer.granted.size > 0 || peer.pieceCount >= size) return
  const { pieceCount } = model.table
  const set = allowedFastSet({
    host: peer.address.host,
    infohash: swarmHash(model.config.metainfo),
    pieceCount,
    size,
  })
  if (O.isNone(set)) return
  const granted = new Map<number, number>()
  for (const piece of set.value) {
    if (!hasPiece(model.table, piece) || peerHas(peer, piece)) continue
    granted.set(piece, grantedTwice * pieceSize(model.geometry, piece))
    tell(model, peer, { _tag: 'AllowedFast', piece })
  }
  if (granted.size > 0) peer.granted = granted
}

/** Whether the peer may have so many bytes of the piece while choked; they are taken from its allowance. */
export const useGrant = (peer: PeerModel, piece: number, length: number): boolean => {
  const left = peer.granted.get(piece)
  if (left === undefined || left < length) return false
  peer.granted = new Map(peer.granted).set(piece, left - length)
  return true
}
