import { hasPiece } from '../piece/pieceTable.js'
import { type Geometry, pieceExtent, pieceSize } from '../piece/geometry.js'
import { take } from './allowance.js'
import { emit, tell } from './emit.js'
import { useGrant } from './grantFast.js'
import { SESSION_LIMITS } from './limits.js'
import { isActive, type SessionModel } from './model.js'
import type { PeerModel, UploadRequest } from './peerModel.js'

/** The largest block that we serve; everybody asks for 16 KiB, some old ones for more. */
const LARGEST_BLOCK = 128 * 1024

const queuedUploads = (peer: PeerModel): number => peer.uploads.length - peer.uploadsHead

/** A request has come; answers what is wrong with it, if the peer is to go. */
export const queueUpload = (
  model: SessionModel,
  peer: PeerModel,
  { piece, begin, length }: UploadRequest,
): string | undefined => {
  const { geometry, table } = model
  if (piece >= geometry.pieceCount) return 'Request out of range'
  if (length === 0 || length > LARGEST_BLOCK || isOutside(geometry, { piece, begin, length })) {
    return 'Request of a bad length'
  }
  const isServed = isActive(model) && hasPiece(table, piece)
  const hasRoom = queuedUploads(peer) < SESSION_LIMITS.uploadQueue
  if (isServed && hasRoom && (!peer.amChoking || useGrant(peer, piece, length))) {
    peer.uploads.push({ piece, begin, length })
    return undefined
  }
  return refuse(model, peer, { piece, begin, length })
}

/** What is between two files of a v2 torrent is asked for by some, with the end of the first one. */
const isOutside = (geometry: Geometry, { piece, begin, length }: UploadRequest): boolean =>
  begin >= pieceSize(geometry, piece) || begin + length > pieceExtent(geometry, piece)

/** Refusals are written whether the peer reads or not: without a block served in between, there is an end to them. */
const refuse = (model: SessionModel, peer: PeerModel, request: UploadRequest): string | undefined => {
  if (++peer.refusedRequests > SESSION_LIMITS.refusedRequests) return 'a flood of requests'
  if (peer.hasFast) tell(model, peer, { _tag: 'RejectRequest', ...request })
  return undefined
}

/** Answers what is wrong, if the peer is to go. */
export const cancelUpload = (
  model: SessionModel,
  peer: PeerModel,
  { piece, begin, length }: UploadRequest,
): string | undefined => {
  for (let i = peer.uploadsHead; i < peer.uploads.length; i++) {
    const queued = peer.uploads[i]!
    if (queued.piece !== piece || queued.begin !== begin || queued.length !== length) continue
    peer.uploads.splice(i, 1)
    // BEP 6: a cancelled request is answered all the same.
    return refuse(model, peer, { piece, begin, length })
  }
  return undefined
}

/** What the peer asked for of these pieces cannot be read any more. */
export const refuseUploads = (model: SessionModel, peer: PeerModel, pieces: ReadonlySet<number>): void => {
  if (queuedUploads(peer) === 0) return
  const queued = peer.uploads.slice(peer.uploadsHead)
  peer.uploads = queued.filter(({ piece }) => !pieces.has(piece))
  peer.uploadsHead = 0
  if (!peer.hasFast) return
  for (const request of queued) {
    if (pieces.has(request.piece)) tell(model, peer, { _tag: 'RejectRequest', ...request })
  }
}

/** Refuses what the peer waits for, but for what `isKept` names. */
export const dropUploads = (
  model: SessionModel,
  peer: PeerModel,
  isKept?: (request: UploadRequest) => boolean,
): void => {
  const kept: UploadRequest[] = []
  for (let i = peer.uploadsHead; i < peer.uploads.length; i++) {
    const request = peer.uploads[i]!
    if (isKept?.(request) === true) kept.push(request)
    else if (peer.hasFast) tell(model, peer, { _tag: 'RejectRequest', ...request })
  }
  peer.uploads = kept
  peer.uploadsHead = 0
}

/** Whether something is wanted that could go at once, were there no limit. */
export const hasUploads = (peer: PeerModel): boolean =>
  queuedUploads(peer) > 0 && !peer.isFull && peer.servingBytes < SESSION_LIMITS.servingBytes

/**
 * Requests stay in the model until the socket has room; then neighbouring ones leave as one read. A request is for a
 * run when it continues the last one with the same length. Under a limit it ends with the block that makes `most` bytes.
 * Answers how many bytes were served.
 */
export const serveUploads = (model: SessionModel, peer: PeerModel, most = Infinity): number => {
  let served = 0
  while (hasUploads(peer) && served < most) {
    const { piece, begin, length: blockLength } = peer.uploads[peer.uploadsHead++]!
    let length = blockLength
    const longest = Math.min(SESSION_LIMITS.serveRun, most - served)
    while (peer.uploadsHead < peer.uploads.length && length < longest) {
      const next = peer.uploads[peer.uploadsHead]!
      // Only the last block of a run may be shorter.
      if (next.piece !== piece || next.begin !== begin + length || next.length > blockLength) break
      length += next.length
      peer.uploadsHead++
      if (next.length < blockLength) break
    }
    served += length
    peer.servingBytes += length
    take(model.allowance, 'up', peer, length)
    emit(model, { _tag: 'ServeBlocks', peer: peer.key, piece, begin, length, blockLength })
  }
  if (peer.uploadsHead === peer.uploads.length) {
    peer.uploads = []
    peer.uploadsHead = 0
  } else if (peer.uploadsHead > 256) {
    peer.uploads = peer.uploads.slice(peer.uploadsHead)
    peer.uploadsHead = 0
  }
  return served
}
