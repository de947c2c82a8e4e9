import {
  askAgain,
  beginDownload,
  liveRequests,
  NONE,
  type PieceDownload,
  takeBlock,
} from '../piece/downloads.js'
import { blockSize, blocksIn } from '../piece/geometry.js'
import { markBegun } from '../piece/pieceTable.js'
import { hasRequest, pushRequest } from '../rate/requestQueue.js'
import { take } from './allowance.js'
import { tell } from './emit.js'
import { mayAsk } from './mayAsk.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'

export const mayShare = (peer: PeerModel, download: PieceDownload): boolean =>
  download.exclusive === peer.key || (download.exclusive === NONE && peer.suspicion === 0)

const request = (model: SessionModel, peer: PeerModel, piece: number, block: number): void => {
  const length = blockSize(model.geometry, piece, block)
  pushRequest(peer.requests, piece, block, model.now)
  take(model.allowance, 'down', peer, length)
  tell(model, peer, { _tag: 'Request', piece, begin: block * model.geometry.blockLength, length })
}

/** Asks for up to `count` unrequested blocks of a piece; answers how many. */
export const requestFrom = (
  model: SessionModel,
  peer: PeerModel,
  download: PieceDownload,
  count: number,
): number => {
  let asked = 0
  while (asked < count) {
    const block = takeBlock(model.downloads, download)
    if (block === NONE) break
    download.askedAt = model.now
    request(model, peer, download.piece, block)
    asked++
  }
  return asked
}

/** Asks again for up to `count` blocks that fewer than `most` peers were asked for; answers how many. */
export const askAgainFor = (
  model: SessionModel,
  peer: PeerModel,
  download: PieceDownload,
  count: number,
  most: number,
): number => {
  if (!mayAsk(model, peer, download.piece) || !mayShare(peer, download)) return 0
  let asked = 0
  for (let block = 0; block < download.blockCount && asked < count; block++) {
    const live = liveRequests(download, block)
    if (live === 0 || live >= most) continue
    if (hasRequest(peer.requests, download.piece, block)) continue
    askAgain(download, block)
    request(model, peer, download.piece, block)
    asked++
  }
  return asked
}

/** Takes a free slot, where slots are used. */
export const beginPiece = (model: SessionModel, peer: PeerModel, piece: number): PieceDownload => {
  const { downloads, geometry, table } = model
  const slot = model.usesSlots ? model.freeSlots.pop()! : NONE
  markBegun(table, piece)
  return beginDownload(
    downloads,
    piece,
    slot,
    blocksIn(geometry, piece),
    peer.suspicion > 0 ? peer.key : NONE,
  )
}
