import { NONE, type PieceDownload } from '../piece/downloads.js'
import { isInWindow, neededPieces } from '../piece/windows.js'
import { askAgainFor, beginPiece, mayShare, requestFrom } from './requestFrom.js'
import { askPiece } from './askPolicy.js'
import { dropPieces } from './dropPieces.js'
import { SESSION_LIMITS } from './limits.js'
import { mayAsk } from './mayAsk.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { isMemoryUsed } from './memory.js'
import { pickContext } from './pickContext.js'

/**
 * What readers wait for, piece by piece: blocks of those under way, and new ones as long as the policy goes along. First
 * the peer's share of each piece, so that all who can help bring the next piece together, then what is left. A peer that
 * leaves us waiting is left out: it would hold up the first in line.
 */
export const requestUrgent = (model: SessionModel, peer: PeerModel, count: number): number => {
  if (peer.isSnubbed) return 0
  const needed = neededPieces(model.windows, model.table)
  const asked = requestLate(model, peer, needed, count)
  const shared = asked + requestNeeded(model, peer, needed, count - asked, Math.max(1, model.helpers))
  return model.helpers > 1 ? shared + requestNeeded(model, peer, needed, count - shared, 1) : shared
}

/** Asks for one block of `parts` of each piece, in the order of need, until `count` are asked for. */
const requestNeeded = (
  model: SessionModel,
  peer: PeerModel,
  needed: ReadonlyArray<number>,
  count: number,
  parts: number,
): number => {
  const { downloads } = model
  let asked = 0
  let mayBegin = true
  for (const piece of needed) {
    if (asked >= count) break
    if (!mayAsk(model, peer, piece)) continue
    let download = downloads.byPiece.get(piece)
    if (download === undefined && mayBegin) {
      download = beginUrgent(model, peer, needed)
      mayBegin = download !== undefined
    }
    if (download === undefined || download.openIndex === NONE || !mayShare(peer, download)) continue
    const share = Math.ceil(download.blockCount / parts)
    asked += requestFrom(model, peer, download, Math.min(share, count - asked))
  }
  return asked
}

/** Begins the piece that the policy names if a reader needs it; otherwise what is under way comes first, as ever. */
const beginUrgent = (
  model: SessionModel,
  peer: PeerModel,
  needed: ReadonlyArray<number>,
): PieceDownload | undefined => {
  if (isMemoryUsed(model)) giveUpForUrgent(model)
  if (isMemoryUsed(model)) {
    model.isStarved = true
    return undefined
  }
  const piece = askPiece(model, pickContext(model, peer))
  return needed.includes(piece) ? beginPiece(model, peer, piece) : undefined
}

/** All slots are taken: of the pieces that no reader needs the one that has come least far gives its own up. */
const giveUpForUrgent = (model: SessionModel): void => {
  if (model.freeSlots.length > 0) return
  let least: PieceDownload | undefined
  for (const download of model.downloads.byPiece.values()) {
    if (download.received === download.blockCount || isInWindow(model.windows, download.piece)) continue
    if (least === undefined || download.received < least.received) least = download
  }
  const piece = least?.piece
  if (piece !== undefined) dropPieces(model, (other) => other === piece)
}

/** The next piece that a reader needs has been asked for whole, and does not come: a second peer may be quicker. */
const requestLate = (
  model: SessionModel,
  peer: PeerModel,
  needed: ReadonlyArray<number>,
  count: number,
): number => {
  const download = needed[0] === undefined ? undefined : model.downloads.byPiece.get(needed[0])
  if (download?.openIndex !== NONE || model.now - download.askedAt < SESSION_LIMITS.urgentMs) return 0
  // Who has not sent anything is no help.
  if (peer.downloaded === 0) return 0
  return askAgainFor(
    model,
    peer,
    download,
    Math.min(count, SESSION_LIMITS.endgameBatch),
    SESSION_LIMITS.endgameRequests,
  )
}
