import * as E from '#fp/Either'
import { equalBytes, toHex } from '../../codecs/bytes.js'
import { decodeReserved } from '../../codecs/handshake.js'
import { MAX_METADATA_BYTES } from '../../codecs/limits.js'
import { describePeerId } from '../../codecs/peerId.js'
import { decodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../codecs/wire/extended.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import { decodeUtMetadata, UT_METADATA } from '../../codecs/wire/utMetadata.js'
import { isBanned } from '../peer/ban.js'
import { markClosed, markConnected } from '../peer/candidates.js'
import { connectionToKeep } from '../peer/connectionToKeep.js'
import { incomingReserve } from '../session/connectionLimits.js'
import type { PeerCloseReason, PeerEvent } from '../session/event.js'
import { NO_BUDGET } from '../session/limits.js'
import { assignAttempts, onMetadataMessage } from './exchange.js'
import { onHashMessage } from './hashExchange.js'
import { onNonsense, strike } from './judge.js'
import { METADATA_LIMITS } from './limits.js'
import type { MetadataModel, MetadataPeer } from './model.js'
import { takePex } from './takePex.js'
import { closePeer, greet, OUR_METADATA_ID, OUR_PEX_ID, releaseAsked, removePeer } from './peers.js'

/** Everything that comes from a wire. */
export const onPeer = (model: MetadataModel, event: PeerEvent): void => {
  switch (event._tag) {
    case 'PeerConnected':
      onConnected(model, event)
      return
    case 'PeerBatch':
      onBatch(model, event)
      return
    case 'PeerClosed':
      onClosed(model, event)
      return
    // What is sent is little, and nothing waits for room.
    case 'PeerDrained':
    case 'BlocksServed':
    case 'MetadataServed':
    case 'HashesServed':
      return
  }
}

const onConnected = (
  model: MetadataModel,
  { peer: key, address, direction, peerId, reserved, at }: PeerEvent & { readonly _tag: 'PeerConnected' },
): void => {
  if (model.dialling.delete(key)) markConnected(model.candidates, address, at)
  const features = decodeReserved(reserved)
  const peer: MetadataPeer = {
    key,
    address,
    direction,
    peerId,
    connectedAt: at,
    client: describePeerId(peerId),
    port: direction === 'outgoing' ? address.port : undefined,
    messageId: undefined,
    size: undefined,
    attempt: undefined,
    asked: new Set(),
    hasV2: features.v2,
    askedParts: new Set(),
    lastAnswerAt: at,
    received: 0,
    restsUntil: 0,
    strikes: 0,
    refusals: 0,
    nonsense: 0,
    pexTakenAt: -Infinity,
    pexKept: 0,
    lastHeardAt: at,
    lastSentAt: at,
    outgoing: [],
  }
  model.peers.set(key, peer)
  const refusal = refusalOf(model, peer, features.extended)
  if (refusal === undefined) greet(model, peer, features.fast)
  else closePeer(model, peer, refusal)
}

/** Why not to speak with it; the other connection with the same peer may have to go instead. */
const refusalOf = (
  model: MetadataModel,
  peer: MetadataPeer,
  hasExtended: boolean,
): PeerCloseReason | undefined => {
  const { address, peerId, direction } = peer
  if (equalBytes(peerId, model.config.peerId)) return { _tag: 'SelfConnection' }
  if (isBanned(model.bans, address.host, address.port, toHex(peerId))) return { _tag: 'Banned' }
  // Metadata is nothing that it could give.
  if (!hasExtended) return { _tag: 'NotNeeded', why: 'useless' }
  for (const other of model.peers.values()) {
    if (other === peer || other.address.host !== address.host || !equalBytes(other.peerId, peerId)) continue
    if (connectionToKeep(model.config.peerId, peerId, other.direction, direction) === 'older') {
      return { _tag: 'DuplicateConnection' }
    }
    closePeer(model, other, { _tag: 'DuplicateConnection' })
    break
  }
  const { connections } = METADATA_LIMITS
  const most = connections + (direction === 'incoming' ? incomingReserve(connections) : 0)
  return model.peers.size > most ? { _tag: 'NotNeeded', why: 'too-many' } : undefined
}

const onClosed = (
  model: MetadataModel,
  { peer: key, reason, at }: PeerEvent & { readonly _tag: 'PeerClosed' },
): void => {
  const peer = model.peers.get(key)
  if (peer !== undefined) {
    removePeer(model, peer, reason)
    assignAttempts(model)
    return
  }
  const address = model.dialling.get(key)
  if (address === undefined) return
  model.dialling.delete(key)
  const isUntried = reason._tag === 'SocketFailed' && reason.code === NO_BUDGET
  markClosed(model.candidates, address, at, isUntried ? 'untried' : 'failed')
}

const onBatch = (model: MetadataModel, event: PeerEvent & { readonly _tag: 'PeerBatch' }): void => {
  const peer = model.peers.get(event.peer)
  if (peer === undefined) return
  peer.lastHeardAt = event.at
  for (const message of event.messages) {
    if (message._tag === 'Extended') onExtended(model, peer, message)
    else if (isAboutHashes(message)) onHashMessage(model, peer, message)
    // Of all else it costs most, and nobody can have asked for it.
    if (message._tag === 'Piece')
      closePeer(model, peer, { _tag: 'ProtocolViolation', what: 'payload unasked' })
    // It was closed, or the search is over.
    if (model.peers.get(event.peer) !== peer || model.outcome !== undefined) return
  }
}

const isAboutHashes = (
  message: WireMessage,
): message is WireMessage & { readonly _tag: 'HashRequest' | 'Hashes' | 'HashReject' } =>
  message._tag === 'HashRequest' || message._tag === 'Hashes' || message._tag === 'HashReject'

/** Of all that a peer says only this concerns a search: pieces mean nothing yet. */
const onExtended = (
  model: MetadataModel,
  peer: MetadataPeer,
  { id, payload }: WireMessage & { readonly _tag: 'Extended' },
): void => {
  if (id === EXTENDED_HANDSHAKE_ID) {
    onHandshake(model, peer, payload)
    return
  }
  if (id === OUR_PEX_ID && model.config.pex !== false) takePex(model, peer, payload)
  if (id !== OUR_METADATA_ID) return
  const message = decodeUtMetadata(payload)
  if (E.isLeft(message)) onNonsense(model, peer)
  else onMetadataMessage(model, peer, message.right)
}

const onHandshake = (model: MetadataModel, peer: MetadataPeer, payload: Uint8Array): void => {
  const decoded = decodeExtendedHandshake(payload)
  if (E.isLeft(decoded)) return
  const { extensions, client, port, metadataSize } = decoded.right
  peer.client = client ?? peer.client
  if (peer.direction === 'incoming') peer.port = port ?? peer.port
  const messageId = extensions.get(UT_METADATA) ?? peer.messageId
  peer.messageId = messageId === 0 ? undefined : messageId
  if (metadataSize !== undefined && metadataSize <= MAX_METADATA_BYTES && metadataSize !== peer.size) {
    const isSecondWord = peer.size !== undefined
    releaseAsked(peer)
    peer.size = metadataSize
    peer.attempt = undefined
    if (isSecondWord) strike(model, peer)
  }
  if (peer.messageId === undefined) {
    releaseAsked(peer)
    peer.attempt = undefined
  }
  assignAttempts(model)
}
