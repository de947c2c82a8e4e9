import type { WireMessage } from '../../codecs/wire/message.js'
import {
  isReceived,
  liveRequests,
  NONE,
  type PieceDownload,
  receiveBlock,
  releaseBlock,
} from '../piece/downloads.js'
import { blockSize, pieceSize } from '../piece/geometry.js'
import { markVerifying } from '../piece/pieceTable.js'
import { addBytes } from '../rate/ewma.js'
import { onBlockReceived } from '../rate/requestDepth.js'
import { releaseRequest, takeRequest } from '../rate/requestQueue.js'
import { takeUncalled } from './allowance.js'
import { emit, tell } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { refundRequest } from './peers.js'

/** A block has come. The hot path: once for each 16 KiB. */
export const receivePiece = (
  model: SessionModel,
  peer: PeerModel,
  message: WireMessage & { readonly _tag: 'Piece' },
): string | undefined => {
  const { piece, begin, payload } = message
  const { geometry, downloads } = model
  const block = begin / geometry.blockLength
  // The late answer to what was cancelled may be cut otherwise than what was asked for since.
  if (
    peer.wasted < 0 &&
    piece < geometry.pieceCount &&
    payload.length !== blockSize(geometry, piece, block)
  ) {
    return waste(model, peer, payload.length)
  }
  if (piece >= geometry.pieceCount || takeRequest(peer.requests, piece, block) < 0) {
    return waste(model, peer, payload.length)
  }
  peer.lastBlockAt = model.now
  peer.isSnubbed = false
  const wasReleased = peer.requests.takenReleased
  // Its share was given back when it was no longer counted on.
  if (wasReleased) takeUncalled(model.allowance, peer, payload.length)
  const download = downloads.byPiece.get(piece)
  if (download === undefined || isReceived(download, block) || isOfAnother(download, peer)) {
    // It was asked for once: late, but no fault.
    model.wasted += payload.length
    return undefined
  }
  if (payload.length !== blockSize(geometry, piece, block)) {
    if (!wasReleased) releaseBlock(downloads, download, block)
    return 'Piece of another length than requested'
  }

  peer.rejects = 0
  peer.downloaded += payload.length
  peer.lastPayloadAt = model.now
  model.downloaded += payload.length
  addBytes(peer.down, payload.length)
  addBytes(model.down, payload.length)
  onBlockReceived(peer.depth, model.now - peer.requests.takenAt)

  // Only the endgame and released requests leave others waiting for the same block.
  if (liveRequests(download, block) > (wasReleased ? 0 : 1)) cancelElsewhere(model, peer, piece, block)
  const isLast = receiveBlock(downloads, download, block, peer.key)
  if (download.slot === NONE) {
    model.throughBytes += payload.length
    emit(model, { _tag: 'WriteBlock', piece, block, begin, payload })
    return undefined
  }
  emit(model, { _tag: 'StoreBlock', slot: download.slot, begin, payload })
  if (isLast) {
    markVerifying(model.table, piece)
    emit(model, { _tag: 'VerifyPiece', piece, slot: download.slot, length: pieceSize(geometry, piece) })
  }
  return undefined
}

/** On parole a peer works alone: nobody else's late block gets into its piece. */
const isOfAnother = ({ exclusive }: PieceDownload, peer: PeerModel): boolean =>
  exclusive !== NONE && exclusive !== peer.key

/** Payload that nobody asked for: a late answer to a cancel, or a flood. */
const waste = (model: SessionModel, peer: PeerModel, bytes: number): string | undefined => {
  peer.wasted += bytes
  model.wasted += bytes
  takeUncalled(model.allowance, peer, bytes)
  return peer.wasted > SESSION_LIMITS.wasteBytes + peer.downloaded * 0.02
    ? 'too much payload that was not asked for'
    : undefined
}

/** Nobody is to send any more of it. */
export const cancelPiece = (model: SessionModel, { piece, blockCount }: PieceDownload): void => {
  for (let block = 0; block < blockCount; block++) cancelElsewhere(model, undefined, piece, block)
}

const cancelElsewhere = (
  model: SessionModel,
  sender: PeerModel | undefined,
  piece: number,
  block: number,
): void => {
  const { geometry } = model
  const length = blockSize(geometry, piece, block)
  for (const peer of model.peers.values()) {
    if (peer === sender) continue
    // With BEP 6 the cancel itself is answered: the request stays until then.
    const { requests, hasFast } = peer
    if (hasFast ? !releaseRequest(requests, piece, block) : takeRequest(requests, piece, block) < 0) continue
    if (!requests.takenReleased) refundRequest(model, peer, piece, block)
    tell(model, peer, { _tag: 'Cancel', piece, begin: block * geometry.blockLength, length })
    // What was already on its way is not the peer's fault.
    if (!hasFast) peer.wasted -= length
  }
}
