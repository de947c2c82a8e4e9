import { type BannedPeer, banPeer } from '../peer/ban.js'
import type { PeerKey } from '../peer/peerKey.js'
import { METADATA_LIMITS } from './limits.js'
import type { MetadataModel, MetadataPeer } from './model.js'
import { closePeer, releaseAsked } from './peers.js'

/** It refused, or kept silent: others are asked, and it after a while; in the end it goes. */
export const strike = (model: MetadataModel, peer: MetadataPeer): void => {
  releaseAsked(peer)
  peer.strikes++
  peer.restsUntil = model.now + METADATA_LIMITS.firstPauseMs * 2 ** (peer.strikes - 1)
  if (peer.strikes >= METADATA_LIMITS.strikes) closePeer(model, peer, { _tag: 'NotNeeded', why: 'useless' })
}

/** What makes no sense, or nobody asked for; some of it can come of messages that crossed. */
export const onNonsense = (model: MetadataModel, peer: MetadataPeer): void => {
  peer.nonsense++
  if (peer.nonsense > METADATA_LIMITS.nonsense) {
    closePeer(model, peer, { _tag: 'ProtocolViolation', what: 'metadata that nobody asked for' })
  }
}

/** A request of its own: there is nothing to give yet. Answers whether it is to be told so. */
export const mayRefuse = (model: MetadataModel, peer: MetadataPeer): boolean => {
  peer.refusals++
  if (peer.refusals <= METADATA_LIMITS.refusals) return true
  closePeer(model, peer, { _tag: 'ProtocolViolation', what: 'too many metadata requests' })
  return false
}

/** It lied. */
export const ban = (model: MetadataModel, key: PeerKey, who: BannedPeer): void => {
  banPeer(model.bans, who)
  const peer = model.peers.get(key)
  if (peer !== undefined) closePeer(model, peer, { _tag: 'Banned' })
}
