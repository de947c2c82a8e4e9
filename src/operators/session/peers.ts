import { type BannedPeer, banPeer } from '../peer/ban.js'
import { rememberDeparted } from '../peer/suspects.js'
import { equalBytes } from '../../codecs/bytes.js'
import type { PeerKey } from '../peer/peerKey.js'
import { type DialOutcome, markClosed } from '../peer/candidates.js'
import { NONE, type PieceDownload, releaseBlock } from '../piece/downloads.js'
import { abandonPiece, isBeingWritten } from './abandonPiece.js'
import { addBits, addHave, addSeed, hasPiece, isWanted, removeBits, removeSeed } from '../piece/pieceTable.js'
import { hasBit } from '../piece/bitfield.js'
import { addShort, forgetShort } from '../piece/shortlist.js'
import { blockSize } from '../piece/geometry.js'
import { dropRequests, releaseRequests } from '../rate/requestQueue.js'
import { take } from './allowance.js'
import { emit, notify, tell } from './emit.js'
import type { PeerCloseReason } from './event.js'
import { saveFirst } from './firstSave.js'
import { isDone, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

/** What a peer has, as its opening bitfield says. */
export const setPeerBits = (model: SessionModel, peer: PeerModel, bits: Uint8Array): void => {
  const { table } = model
  peer.bits = bits
  forgetShort(peer.shortlist)
  addBits(table, bits)
  let count = 0
  let wanted = 0
  for (let piece = 0; piece < table.pieceCount; piece++) {
    if (!hasBit(bits, piece)) continue
    count++
    if (isWanted(table, piece) && !hasPiece(table, piece)) wanted++
  }
  peer.pieceCount = count
  peer.wantedPieces = wanted
  if (peer.pieceCount === table.pieceCount) becomeSeed(model, peer)
  updateInterest(model, peer)
}

/** It has everything, at the first or by now. A peer that does needs no bits: it is a number in the table. */
export const becomeSeed = (model: SessionModel, peer: PeerModel): void => {
  const { table } = model
  if (peer.bits === undefined) return
  if (peer.pieceCount > 0) removeBits(table, peer.bits)
  addSeed(table)
  peer.bits = undefined
  forgetShort(peer.shortlist)
  peer.pieceCount = table.pieceCount
  peer.wantedPieces = table.wantedPieces - table.wantedHave
  updateInterest(model, peer)
}

export const addPeerHave = (model: SessionModel, peer: PeerModel, piece: number): void => {
  const { bits } = peer
  const { table } = model
  if (bits === undefined || hasBit(bits, piece)) return
  bits[piece >> 3]! |= 0x80 >> (piece & 7)
  peer.pieceCount++
  addShort(peer.shortlist, piece)
  addHave(table, piece)
  if (isWanted(table, piece) && !hasPiece(table, piece)) peer.wantedPieces++
  if (peer.pieceCount === table.pieceCount) becomeSeed(model, peer)
  updateInterest(model, peer)
}

/** What is new in a later bitfield; a piece once had is not taken back. */
export const addPeerBits = (model: SessionModel, peer: PeerModel, bits: Uint8Array): void => {
  for (let piece = 0; piece < model.table.pieceCount; piece++) {
    if (hasBit(bits, piece)) addPeerHave(model, peer, piece)
  }
}

export const updateInterest = (model: SessionModel, peer: PeerModel): void => {
  const interested = peer.wantedPieces > 0
  if (interested === peer.amInterested) return
  peer.amInterested = interested
  tell(model, peer, { _tag: interested ? 'Interested' : 'NotInterested' })
  if (interested) saveFirst(model)
}

/** What a request took from the allowance comes back: its block will not. */
export const refundRequest = (model: SessionModel, peer: PeerModel, piece: number, block: number): void => {
  take(model.allowance, 'down', peer, -blockSize(model.geometry, piece, block))
}

/** Its requests are void: the blocks can be asked of others. */
export const dropPeerRequests = (model: SessionModel, peer: PeerModel): void => {
  dropRequests(peer.requests, (piece, block, isReleased) => {
    if (isReleased) return
    refundRequest(model, peer, piece, block)
    const download = model.downloads.byPiece.get(piece)
    if (download !== undefined) releaseBlock(model.downloads, download, block)
  })
  giveUpItsPieces(model, peer)
}

/** Its requests stand, but the blocks may be asked of others too; what comes late is still taken. */
export const releasePeerRequests = (model: SessionModel, peer: PeerModel): void => {
  releaseRequests(peer.requests, (piece, block) => {
    refundRequest(model, peer, piece, block)
    const download = model.downloads.byPiece.get(piece)
    if (download !== undefined) releaseBlock(model.downloads, download, block)
  })
  giveUpItsPieces(model, peer)
}

/** What it began alone and does not go on with is begun anew: others are not to answer for its blocks. */
const giveUpItsPieces = (model: SessionModel, peer: PeerModel): void => {
  for (const download of model.downloads.byPiece.values()) giveUpPiece(model, peer, download)
}

export const giveUpPiece = (model: SessionModel, peer: PeerModel, download: PieceDownload): void => {
  if (download.exclusive !== peer.key || download.received === download.blockCount) return
  if (isBeingWritten(download)) download.exclusive = NONE
  else abandonPiece(model, download)
}

/** It sent a whole good piece alone: its parole is over, and others may help with its pieces. */
export const clearSuspicion = (model: SessionModel, peer: PeerModel): void => {
  if (peer.suspicion === 0) return
  peer.suspicion = 0
  for (const download of model.downloads.byPiece.values()) {
    if (download.exclusive === peer.key) download.exclusive = NONE
  }
}

/** Who it is beyond its connection. */
export const whoIs = ({ address, peerId, direction }: PeerModel): BannedPeer => ({
  ...address,
  peerId,
  direction,
})

/** Who was behind a connection, though it may have left; undefined when that is forgotten. */
export const identityOf = (model: SessionModel, key: PeerKey): BannedPeer | undefined => {
  const peer = model.peers.get(key)
  return peer === undefined ? model.suspects.departed.get(key) : whoIs(peer)
}

/** That peer, under whichever connection it is here now. */
export const findPeer = (model: SessionModel, { host, peerId }: BannedPeer): PeerModel | undefined => {
  for (const peer of model.peers.values()) {
    if (peer.address.host === host && peerId !== undefined && equalBytes(peer.peerId, peerId)) return peer
  }
  return undefined
}

/** What the connection was to us, for the next dial. */
const outcomeOf = (peer: PeerModel, reason: PeerCloseReason): DialOutcome => {
  switch (reason._tag) {
    case 'SelfConnection':
      return 'self'
    case 'Banned':
    case 'DuplicateConnection':
      return 'unwanted'
    case 'NotNeeded':
      if (reason.why === 'both-seeds') return 'asleep'
      return reason.why === 'useless' ? 'failed' : 'useful'
    default:
      return peer.downloaded + peer.uploaded > 0 ? 'useful' : 'failed'
  }
}

/** Takes the peer out of the model: nothing refers to it any more. */
export const removePeer = (model: SessionModel, peer: PeerModel, reason: PeerCloseReason): void => {
  dropPeerRequests(model, peer)
  // What was read for it, and will not go.
  take(model.allowance, 'up', peer, -peer.servingBytes)
  if (peer.bits === undefined) removeSeed(model.table)
  else if (peer.pieceCount > 0) removeBits(model.table, peer.bits)
  model.peers.delete(peer.key)
  model.hasFreedSlot ||= !peer.amChoking
  if (peer.downloaded > 0) rememberDeparted(model.suspects, peer.key, whoIs(peer))
  if (peer.direction === 'outgoing') {
    markClosed(model.candidates, peer.address, model.now, outcomeOf(peer, reason))
  }
  notify(model, {
    _tag: 'PeerClosed',
    at: model.now,
    peer: peer.key,
    host: peer.address.host,
    port: peer.address.port,
    reason,
  })
}

export const closePeer = (model: SessionModel, peer: PeerModel, reason: PeerCloseReason): void => {
  removePeer(model, peer, reason)
  emit(model, { _tag: 'Close', peer: peer.key, reason })
}

/** Two who want nothing have nothing to say to each other, whether they have all or only what they want (BEP 21). */
export const closeIfBothSeed = (model: SessionModel, peer: PeerModel): void => {
  if (model.isFlushed && isDone(model) && (peer.bits === undefined || peer.isUploadOnly)) {
    closePeer(model, peer, { _tag: 'NotNeeded', why: 'both-seeds' })
  }
}

/** A proven liar: never again. */
export const banPeerFor = (model: SessionModel, peer: PeerModel, piece: number): void => {
  banFor(model, whoIs(peer), piece)
  closePeer(model, peer, { _tag: 'Banned' })
}

/** As `banPeerFor`, for one that has left already. */
export const banFor = (model: SessionModel, peer: BannedPeer, piece: number): void => {
  banPeer(model.bans, peer)
  notify(model, { _tag: 'PeerBanned', at: model.now, host: peer.host, port: peer.port, piece })
}
