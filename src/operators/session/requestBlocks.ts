import {
  askAgain,
  beginDownload,
  type Downloads,
  liveRequests,
  NONE,
  type PieceDownload,
  takeBlock,
} from '../piece/downloads.js'
import { blockSize, blocksIn } from '../piece/geometry.js'
import { markBegun } from '../piece/pieceTable.js'
import type { PickContext } from '../piece/policy.js'
import { depthOf } from '../rate/requestDepth.js'
import { hasRequest, outstandingCount, pushRequest } from '../rate/requestQueue.js'
import { takeTokens } from '../rate/tokenBucket.js'
import { askPiece } from './askPolicy.js'
import { abandonPiece, isBeingWritten } from './abandonPiece.js'
import { tell } from './emit.js'
import { SESSION_LIMITS } from './limits.js'
import { mayAsk } from './mayAsk.js'
import { isActive, type SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { pickContext } from './pickContext.js'

/*
 * What to think of when changing anything here:
 * - a peer is asked only for pieces that it has, while it does not choke us (or allowed the piece fast);
 * - a piece that is had, being verified or written is never asked for;
 * - pieces under way come first; only then a new one is begun, and its choice is the policy's;
 * - a block is asked of one peer, but in the endgame, and there of few;
 * - a peer on parole works alone on its pieces, so that a bad one has one culprit;
 * - memory: a new piece needs a free slot;
 * - the request queue stays between what the link needs and what the peer takes;
 * - requests leave in batches, so that a fast peer does not cost a write a block.
 */

const mayShare = (peer: PeerModel, download: PieceDownload): boolean =>
  download.exclusive === peer.key || (download.exclusive === NONE && peer.suspicion === 0)

const request = (model: SessionModel, peer: PeerModel, piece: number, block: number): void => {
  const length = blockSize(model.geometry, piece, block)
  pushRequest(peer.requests, piece, block, model.now)
  takeTokens(model.downBucket, length)
  tell(model, peer, { _tag: 'Request', piece, begin: block * model.geometry.blockLength, length })
}

/** Asks for up to `count` unrequested blocks of a piece; answers how many. */
const requestFrom = (
  model: SessionModel,
  peer: PeerModel,
  download: PieceDownload,
  count: number,
): number => {
  let asked = 0
  while (asked < count) {
    const block = takeBlock(model.downloads, download)
    if (block === NONE) break
    request(model, peer, download.piece, block)
    asked++
  }
  return asked
}

const requestPartial = (model: SessionModel, peer: PeerModel, count: number): number => {
  const { open }: Downloads = model.downloads
  let asked = 0
  // Backwards: a piece whose last block is taken leaves the list, the last one taking its place.
  for (let i = open.length - 1; i >= 0 && asked < count; i--) {
    const download = open[i]
    if (download === undefined || !mayAsk(model, peer, download.piece) || !mayShare(peer, download)) continue
    asked += requestFrom(model, peer, download, count - asked)
  }
  return asked
}

/** Whether a new piece has to wait for the storage, or for a slot. */
const isMemoryUsed = ({ downloads, freeSlots, geometry, usesSlots }: SessionModel): boolean =>
  usesSlots &&
  (freeSlots.length === 0 ||
    downloads.whole * geometry.pieceLength >= Math.max(SESSION_LIMITS.wholeBytes, 2 * geometry.pieceLength))

/** Begins new pieces until `count` blocks are asked for; answers how many. */
const requestNew = (model: SessionModel, peer: PeerModel, count: number): number => {
  const { geometry, table } = model
  let asked = 0
  let ctx: PickContext | undefined
  while (asked < count && table.missingPieces > 0) {
    if (isMemoryUsed(model)) {
      model.isStarved = true
      break
    }
    ctx ??= pickContext(model, peer)
    const piece = askPiece(model, ctx)
    if (piece === NONE) break
    const slot = model.usesSlots ? model.freeSlots.pop()! : NONE
    markBegun(table, piece)
    const alone = peer.suspicion > 0 ? peer.key : NONE
    const download = beginDownload(model.downloads, piece, slot, blocksIn(geometry, piece), alone)
    asked += requestFrom(model, peer, download, count - asked)
  }
  return asked
}

/** An idle peer helps with blocks that others were asked for, when nothing else is left. */
const requestEndgame = (model: SessionModel, peer: PeerModel, count: number): void => {
  let left = Math.min(count, SESSION_LIMITS.endgameBatch)
  const most = SESSION_LIMITS.endgameRequests + (peer.downloaded > 0 ? 1 : 0)
  for (const download of model.downloads.byPiece.values()) {
    if (left === 0) return
    if (!mayAsk(model, peer, download.piece) || !mayShare(peer, download)) continue
    for (let block = 0; block < download.blockCount && left > 0; block++) {
      const live = liveRequests(download, block)
      if (live === 0 || live >= most) continue
      if (hasRequest(peer.requests, download.piece, block)) continue
      askAgain(download, block)
      request(model, peer, download.piece, block)
      left--
    }
  }
}

/**
 * A peer on parole cannot share what others began. Where nobody goes on with such a piece, it is given up, to be begun
 * anew: else the last peers of a swarm, all on parole, would wait for each other. Answers whether there was one.
 */
const giveUpForgotten = (model: SessionModel, peer: PeerModel): boolean => {
  const forgotten = model.downloads.open.find(
    (download) =>
      download.exclusive === NONE &&
      download.received + download.unrequested === download.blockCount &&
      mayAsk(model, peer, download.piece) &&
      !isBeingWritten(download),
  )
  if (forgotten !== undefined) abandonPiece(model, forgotten)
  return forgotten !== undefined
}

/** Keeps the peer's request queue as full as its link needs. */
export const requestBlocks = (model: SessionModel, peer: PeerModel): void => {
  if (!isActive(model) || model.phase !== 'downloading' || !peer.amInterested) return
  if (peer.peerChoking && peer.allowedFast.length === 0) return
  if (model.awaitsPriorities || model.downBucket.tokens <= 0) return
  if (!model.usesSlots && model.throughBytes > SESSION_LIMITS.unverifiedBytes) {
    model.isStarved = true
    return
  }
  const depth = peer.isSnubbed ? 1 : depthOf(peer.depth, peer.reqq)
  const outstanding = outstandingCount(peer.requests)
  const allowed = Math.ceil(model.downBucket.tokens / model.geometry.blockLength)
  const room = Math.min(depth - outstanding, allowed)
  // A deep queue is topped up an eighth at a time.
  if (room <= 0 || (outstanding > 0 && room < depth / 8)) return
  let left = room - requestPartial(model, peer, room)
  if (left > 0) left -= requestNew(model, peer, left)
  if (left === room && peer.suspicion > 0 && giveUpForgotten(model, peer))
    left -= requestNew(model, peer, left)
  if (left === room && outstanding === 0 && model.table.missingPieces === 0) {
    requestEndgame(model, peer, left)
  }
}

/** Asks every peer, those that leave us waiting last. */
export const requestFromAll = (model: SessionModel): void => {
  for (const peer of model.peers.values()) if (!peer.isSnubbed) requestBlocks(model, peer)
  for (const peer of model.peers.values()) if (peer.isSnubbed) requestBlocks(model, peer)
}
