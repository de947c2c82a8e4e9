import { type Downloads, NONE } from '../piece/downloads.js'
import { isWanted } from '../piece/pieceTable.js'
import type { PickContext } from '../piece/policy.js'
import { depthOf } from '../rate/requestDepth.js'
import { outstandingCount } from '../rate/requestQueue.js'
import { abandonPiece, isBeingWritten } from './abandonPiece.js'
import { askAgainFor, beginPiece, mayShare, requestFrom } from './requestFrom.js'
import { askPiece } from './askPolicy.js'
import { isHeldByFirstSave } from './firstSave.js'
import { SESSION_LIMITS } from './limits.js'
import { mayAsk } from './mayAsk.js'
import { isMemoryUsed, isShareUsed } from './memory.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { pickContext } from './pickContext.js'
import { requestUrgent } from './requestUrgent.js'

/*
 * What to think of when changing anything here:
 * - a peer is asked only for pieces that it has, while it does not choke us (or allowed the piece fast);
 * - a piece that is had, being verified or written is never asked for;
 * - what readers wait for comes before all else, in the order of need;
 * - pieces under way come first; only then a new one is begun, and its choice is the policy's;
 * - a block is asked of one peer, but in the endgame and when a reader waits for it, and there of few;
 * - a peer on parole works alone on its pieces, so that a bad one has one culprit;
 * - memory: a new piece needs a free slot, within the share of the session or for a peer that has nothing else to do;
 * - the request queue stays between what the link needs and what the peer takes;
 * - requests leave in batches, so that a fast peer does not cost a write a block.
 */

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

/** Begins new pieces until `count` blocks are asked for, of a peer that may have nothing to do; answers how many. */
const requestNew = (model: SessionModel, peer: PeerModel, count: number, isIdle: boolean): number => {
  const { table } = model
  let asked = 0
  let ctx: PickContext | undefined
  while (asked < count && table.missingPieces > 0) {
    if (isMemoryUsed(model) || isShareUsed(model, isIdle && asked === 0)) {
      model.isStarved = true
      break
    }
    ctx ??= pickContext(model, peer)
    const piece = askPiece(model, ctx)
    if (piece === NONE) break
    asked += requestFrom(model, peer, beginPiece(model, peer, piece), count - asked)
  }
  return asked
}

/** An idle peer helps with blocks that others were asked for, when nothing else is left. */
const requestEndgame = (model: SessionModel, peer: PeerModel, count: number): void => {
  let left = Math.min(count, SESSION_LIMITS.endgameBatch)
  const most = SESSION_LIMITS.endgameRequests + (peer.downloaded > 0 ? 1 : 0)
  for (const download of model.downloads.byPiece.values()) {
    if (left === 0) return
    left -= askAgainFor(model, peer, download, left, most)
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

/**
 * Keeps the peer's request queue as full as its link needs. Under a limit: with at most `most` blocks more, and at most
 * `deepest` in all. Answers how many were asked for.
 */
export const requestBlocks = (
  model: SessionModel,
  peer: PeerModel,
  most = Infinity,
  deepest = Infinity,
): number => {
  if (!wantsBlocks(model, peer)) return 0
  if (!model.usesSlots && model.throughBytes > model.mostThroughBytes) {
    model.isStarved = true
    return 0
  }
  const depth = Math.min(depthFor(model, peer), deepest)
  const outstanding = outstandingCount(peer.requests)
  const room = Math.min(depth - outstanding, most)
  // A deep queue is topped up an eighth at a time; where there is a limit, it says how often.
  if (room <= 0 || (most === Infinity && outstanding > 0 && room < depth / 8)) return 0
  // Looked up at once, not where they first matter: that is in mid-download, and the optimizer would begin again.
  const { windows, table } = model
  const isSuspect = peer.suspicion > 0
  let left = room
  if (windows.byId.size > 0) left -= requestUrgent(model, peer, left)
  if (left > 0) left -= requestPartial(model, peer, left)
  if (left > 0) left -= requestNew(model, peer, left, outstanding === 0 && left === room)
  if (left === room && isSuspect && giveUpForgotten(model, peer)) {
    left -= requestNew(model, peer, left, outstanding === 0)
  }
  if (left === room && outstanding === 0 && table.missingPieces === 0) {
    requestEndgame(model, peer, left)
  }
  return room - left
}

/** Whether there is something to ask the peer for. */
const wantsBlocks = (model: SessionModel, peer: PeerModel): boolean =>
  model.phase === 'downloading' &&
  model.nextBlockLength === undefined &&
  !model.awaitsPriorities &&
  // Slots are being written as they are.
  !model.resume.isStoring &&
  !isHeldByFirstSave(model) &&
  peer.amInterested &&
  (!peer.peerChoking || peer.allowedFast.length > 0)

const depthFor = ({ geometry }: SessionModel, peer: PeerModel): number =>
  peer.isSnubbed ? 1 : depthOf(peer.depth, peer.reqq, geometry.blockLength)

/** Whether the peer could be asked for more at once, were there no limit. */
export const hasRoom = (model: SessionModel, peer: PeerModel, deepest: number): boolean =>
  wantsBlocks(model, peer) &&
  outstandingCount(peer.requests) < Math.min(depthFor(model, peer), deepest) &&
  (model.table.missingPieces > 0 || model.downloads.open.some(({ piece }) => isWanted(model.table, piece)))
