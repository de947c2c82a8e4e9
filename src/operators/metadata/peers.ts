import { UT_METADATA } from '../../codecs/wire/utMetadata.js'
import { CLIENT_NAME } from '../../codecs/version.js'
import { encodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../codecs/wire/extended.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import { type DialOutcome, markClosed } from '../peer/candidates.js'
import type { PeerCloseReason } from '../session/event.js'
import { releasePiece } from './attempt.js'
import type { MetadataModel, MetadataPeer } from './model.js'

/** The message id under which peers are to send us metadata. */
export const OUR_METADATA_ID = 2

/** And whom they are connected to. */
export const OUR_PEX_ID = 1

/** Queues a message; all of a turn's to one peer leave as one. */
export const tellPeer = (model: MetadataModel, peer: MetadataPeer, message: WireMessage): void => {
  if (peer.outgoing.length === 0) model.touched.push(peer)
  peer.outgoing.push(message)
}

/** Turns the queued messages into one `Send` a peer. */
export const flushMessages = (model: MetadataModel): void => {
  for (const peer of model.touched) {
    if (peer.outgoing.length > 0 && model.peers.get(peer.key) === peer) {
      model.effects.push({ _tag: 'Send', peer: peer.key, messages: peer.outgoing })
      peer.lastSentAt = model.now
    }
    peer.outgoing = []
  }
  model.touched.length = 0
}

export const greet = (model: MetadataModel, peer: MetadataPeer, hasFast: boolean): void => {
  if (hasFast) tellPeer(model, peer, { _tag: 'HaveNone' })
  const payload = encodeExtendedHandshake({
    extensions: new Map([
      [UT_METADATA, OUR_METADATA_ID],
      ...(model.config.pex === false ? [] : [['ut_pex', OUR_PEX_ID] as const]),
    ]),
    client: CLIENT_NAME,
    port: model.port,
    yourIp: peer.address.host,
  })
  tellPeer(model, peer, { _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload })
}

/** What it was asked for can be asked of others; an answer that comes all the same is passed over. */
export const releaseAsked = (peer: MetadataPeer): void => {
  const { attempt } = peer
  if (attempt !== undefined) for (const piece of peer.asked) releasePiece(attempt, peer.key, piece)
  peer.asked.clear()
  for (const { asked } of peer.askedParts) asked.delete(peer.key)
  peer.askedParts.clear()
}

/** Takes the peer out of the model: nothing refers to it any more. */
export const removePeer = (model: MetadataModel, peer: MetadataPeer, reason: PeerCloseReason): void => {
  releaseAsked(peer)
  peer.attempt = undefined
  model.peers.delete(peer.key)
  if (peer.direction === 'outgoing') {
    markClosed(model.candidates, peer.address, model.now, outcomeOf(peer, reason))
  }
}

export const closePeer = (model: MetadataModel, peer: MetadataPeer, reason: PeerCloseReason): void => {
  removePeer(model, peer, reason)
  model.effects.push({ _tag: 'Close', peer: peer.key, reason })
}

const outcomeOf = (peer: MetadataPeer, reason: PeerCloseReason): DialOutcome => {
  switch (reason._tag) {
    case 'SelfConnection':
      return 'self'
    case 'Banned':
    case 'DuplicateConnection':
      return 'unwanted'
    default:
      return peer.received > 0 && peer.strikes === 0 ? 'useful' : 'failed'
  }
}
