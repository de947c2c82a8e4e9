import { askRelay } from './extension/utHolepunch.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import { createBits, isBitfieldFor } from '../piece/bitfield.js'
import { isBanned } from '../peer/ban.js'
import { connectionToKeep } from '../peer/connectionToKeep.js'
import { markClosed, markConnected } from '../peer/candidates.js'
import { suspicionOf } from '../peer/suspects.js'
import { releaseBlock } from '../piece/downloads.js'
import { addBytes } from '../rate/ewma.js'
import { restartDepth } from '../rate/requestDepth.js'
import { isNewest, takeRefused } from '../rate/requestQueue.js'
import { describePeerId } from '../../codecs/peerId.js'
import { equalBytes, toHex } from '../../codecs/bytes.js'
import { decodeReserved } from '../../codecs/handshake.js'
import { chokeRound } from './chokeRound.js'
import { incomingReserve } from './connectionLimits.js'
import { onDhtPort, tellDhtPort } from './dhtPort.js'
import { notify, tell } from './emit.js'
import type { PeerEvent } from './event.js'
import { metadataServed, serveMetadata } from './extension/utMetadata.js'
import { onExtended, sendExtendedHandshake } from './onExtended.js'
import { NO_BUDGET, SESSION_LIMITS } from './limits.js'
import { isActive, isComplete, type SessionModel } from './model.js'
import { receivePiece } from './receivePiece.js'
import { createPeerModel, type PeerModel } from './peerModel.js'
import {
  addPeerBits,
  addPeerHave,
  becomeSeed,
  closeIfBothSeed,
  closePeer,
  dropPeerRequests,
  refundRequest,
  removePeer,
  setPeerBits,
  whoIs,
} from './peers.js'
import { storageWorks } from './stall.js'
import { grantFast } from './grantFast.js'
import { makeWay } from './turnover.js'
import { askPeer } from './askInTurn.js'
import { cancelUpload, queueUpload } from './serve.js'
import { goOnServingHashes, hashesServed, queueHashes } from './serveHashes.js'
import { servePeer } from './serveInTurn.js'
import { joinGroups } from './setLimits.js'

/** Everything that comes from a wire. */
export const onPeer = (model: SessionModel, event: PeerEvent): void => {
  switch (event._tag) {
    case 'PeerConnected':
      onConnected(model, event)
      return
    case 'PeerClosed':
      onClosed(model, event)
      return
    case 'PeerBatch':
      onBatch(model, event)
      return
    case 'PeerDrained': {
      const peer = model.peers.get(event.peer)
      if (peer === undefined) return
      peer.isFull = false
      serveMetadata(model, peer)
      goOnServingHashes(model, peer)
      if (model.peers.get(event.peer) !== peer) return
      servePeer(model, peer)
      return
    }
    case 'MetadataServed': {
      const peer = model.peers.get(event.peer)
      if (peer !== undefined) metadataServed(model, peer, event)
      return
    }
    case 'HashesServed': {
      const peer = model.peers.get(event.peer)
      if (peer === undefined) return
      hashesServed(model, peer, event)
      goOnServingHashes(model, peer)
      return
    }
    case 'BlocksServed': {
      const peer = model.peers.get(event.peer)
      if (peer === undefined) return
      peer.servingBytes -= event.bytes
      peer.isFull ||= event.isFull
      peer.uploaded += event.bytes
      peer.lastPayloadAt = event.at
      storageWorks(model, 'read')
      peer.uploadedSinceUnchoke += event.bytes
      peer.refusedRequests = 0
      model.uploaded += event.bytes
      model.wireUp += event.wireBytes
      addBytes(peer.up, event.bytes)
      addBytes(model.up, event.bytes)
      servePeer(model, peer)
      return
    }
  }
}

const onConnected = (model: SessionModel, event: PeerEvent & { readonly _tag: 'PeerConnected' }): void => {
  const { peer: key, address, direction, peerId } = event
  const dialled = model.dialling.delete(key)
  if (dialled) markConnected(model.candidates, address, event.at)
  const peer = createPeerModel(
    key,
    address,
    direction,
    peerId,
    decodeReserved(event.reserved),
    createBits(model.table.pieceCount),
    describePeerId(peerId),
    event.at,
  )
  peer.isEncrypted = event.isEncrypted === true
  peer.suspicion = suspicionOf(model.suspects, whoIs(peer))
  model.peers.set(key, peer)
  notify(model, {
    _tag: 'PeerConnected',
    at: event.at,
    peer: key,
    host: address.host,
    port: address.port,
    direction,
  })
  if (!isActive(model)) {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'inactive' })
    return
  }
  if (equalBytes(peerId, model.config.peerId)) {
    closePeer(model, peer, { _tag: 'SelfConnection' })
    return
  }
  if (isBanned(model.bans, address.host, address.port, toHex(peerId))) {
    closePeer(model, peer, { _tag: 'Banned' })
    return
  }
  for (const other of model.peers.values()) {
    // From another host it may be somebody who borrows the id to push the owner out.
    if (other === peer || other.address.host !== address.host || !equalBytes(other.peerId, peerId)) continue
    const keep = connectionToKeep(model.config.peerId, peerId, other.direction, direction)
    const loser = keep === 'newer' ? other : peer
    closePeer(model, loser, { _tag: 'DuplicateConnection' })
    if (loser === peer) return
    break
  }
  const most = model.connections + (direction === 'incoming' ? incomingReserve(model.connections) : 0)
  if (model.peers.size > most && !makeWay(model, peer)) {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'too-many' })
    return
  }
  joinGroups(model, peer)
  tellWhatWeHave(model, peer)
  if (peer.hasExtended) sendExtendedHandshake(model, peer)
  tellDhtPort(model, peer)
}

/** The opening message: BEP 6 wants one of the three, BEP 3 none when there is nothing to tell. */
const tellWhatWeHave = (model: SessionModel, peer: PeerModel): void => {
  const { table } = model
  if (peer.hasFast && isComplete(model)) tell(model, peer, { _tag: 'HaveAll' })
  else if (table.havePieces > 0) tell(model, peer, { _tag: 'Bitfield', bits: table.haveBits.slice() })
  else if (peer.hasFast) tell(model, peer, { _tag: 'HaveNone' })
}

const onClosed = (model: SessionModel, event: PeerEvent & { readonly _tag: 'PeerClosed' }): void => {
  const peer = model.peers.get(event.peer)
  if (peer !== undefined) {
    removePeer(model, peer, event.reason)
    return
  }
  const address = model.dialling.get(event.peer)
  if (address === undefined) return
  model.dialling.delete(event.peer)
  if (event.reason._tag === 'SocketFailed' && event.reason.code === NO_BUDGET) {
    markClosed(model.candidates, address, event.at, 'untried')
    return
  }
  // Not its fault, when we took the dial back.
  markClosed(model.candidates, address, event.at, event.reason._tag === 'NotNeeded' ? 'useful' : 'failed')
  const { host, port } = address
  // Once: where both dial at the same moment and fail, a relay has no more to give.
  if (event.reason._tag === 'SocketFailed' && address.isPunch !== true) askRelay(model, { host, port })
  notify(model, { _tag: 'PeerClosed', at: event.at, peer: event.peer, host, port, reason: event.reason })
}

const onBatch = (model: SessionModel, event: PeerEvent & { readonly _tag: 'PeerBatch' }): void => {
  model.wireDown += event.wireBytes
  const peer = model.peers.get(event.peer)
  if (peer === undefined) return
  peer.lastHeardAt = event.at
  const { messages } = event
  for (let i = 0; i < messages.length; i++) {
    const problem = onMessage(model, peer, messages[i]!)
    if (problem !== undefined) {
      closePeer(model, peer, { _tag: 'ProtocolViolation', what: problem })
      return
    }
    // A handler may have closed the peer: a liar found out, a flooder.
    if (model.peers.get(event.peer) !== peer) return
  }
  askPeer(model, peer)
  servePeer(model, peer)
}

const OPENING: ReadonlySet<WireMessage['_tag']> = new Set(['Bitfield', 'HaveAll', 'HaveNone'])

/** Answers what is wrong with the message; a peer that breaks the protocol is not worth keeping. */
const onMessage = (model: SessionModel, peer: PeerModel, message: WireMessage): string | undefined => {
  if (message._tag === 'Piece') return onPiece(model, peer, message)
  if (OPENING.has(message._tag)) {
    if (peer.isOpened && message._tag === 'HaveNone') return 'HaveNone not at the start'
  } else if (message._tag !== 'Extended' && message._tag !== 'KeepAlive') {
    peer.isOpened = true
  }
  switch (message._tag) {
    case 'KeepAlive':
    case 'Unknown':
    // A session asks for no hashes.
    case 'HashReject':
      return undefined
    case 'Port':
      onDhtPort(model, peer, message.port)
      return undefined
    case 'Choke':
      peer.peerChoking = true
      // With BEP 6 what it will not send is refused one by one; without it, all is void at once.
      if (!peer.hasFast) dropPeerRequests(model, peer)
      return undefined
    case 'Unchoke':
      if (peer.peerChoking) restartDepth(peer.depth)
      peer.peerChoking = false
      return undefined
    case 'Interested':
      if (peer.peerInterested) return undefined
      peer.peerInterested = true
      if (peer.amChoking) chokeRound(model, 'newcomer')
      grantFast(model, peer)
      return undefined
    case 'NotInterested':
      peer.peerInterested = false
      return undefined
    case 'Have':
      if (message.piece >= model.table.pieceCount) return 'Have out of range'
      addPeerHave(model, peer, message.piece)
      closeIfBothSeed(model, peer)
      return undefined
    case 'Bitfield':
      if (!isBitfieldFor(message.bits, model.table.pieceCount)) return 'Bitfield of the wrong size'
      // aria2 sends another one in place of many `have`s.
      if (peer.isOpened) addPeerBits(model, peer, message.bits)
      else setPeerBits(model, peer, message.bits.slice())
      peer.isOpened = true
      closeIfBothSeed(model, peer)
      return undefined
    case 'HaveAll':
      if (!peer.hasFast) return 'HaveAll without the fast extension'
      // aria2 sends it when it has completed, too.
      becomeSeed(model, peer)
      peer.isOpened = true
      closeIfBothSeed(model, peer)
      return undefined
    case 'HaveNone':
      peer.isOpened = true
      return peer.hasFast ? undefined : 'HaveNone without the fast extension'
    case 'Request':
      return queueUpload(model, peer, message)
    case 'Cancel':
      return cancelUpload(model, peer, message)
    case 'RejectRequest':
      return onReject(model, peer, message.piece, message.begin)
    case 'AllowedFast':
      if (!peer.hasFast) return 'AllowedFast without the fast extension'
      if (message.piece >= model.table.pieceCount) return 'AllowedFast out of range'
      if (peer.allowedFast.length < SESSION_LIMITS.allowedFast && !peer.allowedFast.includes(message.piece)) {
        peer.allowedFast.push(message.piece)
      }
      return undefined
    case 'SuggestPiece':
      return peer.hasFast ? undefined : 'SuggestPiece without the fast extension'
    case 'HashRequest':
      return queueHashes(model, peer, message)
    case 'Hashes':
      return 'Hashes that nobody asked for'
    case 'Extended': {
      const { client } = peer
      const problem = onExtended(model, peer, message.id, message.payload)
      if (peer.client !== client && model.peers.get(peer.key) === peer) joinGroups(model, peer)
      return problem
    }
  }
}

const onPiece = (
  model: SessionModel,
  peer: PeerModel,
  message: WireMessage & { readonly _tag: 'Piece' },
): string | undefined => {
  if (isActive(model) || model.phase === 'stalled') return receivePiece(model, peer, message)
  if (model.phase === 'paused') {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'paused' })
    return undefined
  }
  const { piece, begin } = message
  const isLast = !peer.hasFast && isNewest(peer.requests, piece, begin / model.geometry.blockLength)
  const problem = receivePiece(model, peer, message)
  if (isLast && problem === undefined) dropPeerRequests(model, peer)
  return problem
}

const onReject = (model: SessionModel, peer: PeerModel, piece: number, begin: number): string | undefined => {
  if (!peer.hasFast) return 'RejectRequest without the fast extension'
  const block = begin / model.geometry.blockLength
  if (takeRefused(peer.requests, piece, block) < 0) return undefined
  // The answer to a cancel, or too late to matter.
  if (peer.requests.takenReleased) return undefined
  const download = model.downloads.byPiece.get(piece)
  refundRequest(model, peer, piece, block)
  if (download !== undefined) releaseBlock(model.downloads, download, block)
  // A peer that refuses what it offers would otherwise be asked again at once, for ever.
  if (++peer.rejects > SESSION_LIMITS.rejects && !peer.peerChoking) return 'too many RejectRequest'
  const allowed = peer.peerChoking ? peer.allowedFast.indexOf(piece) : -1
  if (allowed >= 0) peer.allowedFast.splice(allowed, 1)
  return undefined
}
