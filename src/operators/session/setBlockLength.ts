import { abandonPiece } from './abandonPiece.js'
import { blockSize } from '../piece/geometry.js'
import { forEachRequest } from '../rate/requestQueue.js'
import { tell } from './emit.js'
import type { SessionModel } from './model.js'
import { dropPeerRequests } from './peers.js'
import { forgetPartial } from './restorePieces.js'
import { askAll } from './askInTurn.js'

const SHORTEST = 1_024
/** What every peer answers; many close on more. */
const LONGEST = 16_384

/** What is wrong with a length of blocks; undefined: nothing. */
export const blockLengthProblem = (blockLength: number): string | undefined =>
  Number.isInteger(blockLength) &&
  blockLength >= SHORTEST &&
  blockLength <= LONGEST &&
  (blockLength & (blockLength - 1)) === 0
    ? undefined
    : 'a block length must be a power of two from 1 024 to 16 384'

/** Pieces under way are cut anew: what was asked for is taken back, what came of them is thrown away. */
export const setBlockLength = (model: SessionModel, blockLength: number): void => {
  model.nextBlockLength = blockLength === model.geometry.blockLength ? undefined : blockLength
  if (model.nextBlockLength === undefined) return
  for (const peer of model.peers.values()) {
    forEachRequest(peer.requests, (piece, block) => {
      const length = blockSize(model.geometry, piece, block)
      tell(model, peer, { _tag: 'Cancel', piece, begin: block * model.geometry.blockLength, length })
      // What was already on its way is not the peer's fault.
      peer.wasted -= length
    })
    dropPeerRequests(model, peer)
  }
  changeBlockLength(model)
}

/** Blocks that are being written through are counted by the present length: the change waits for them. */
export const changeBlockLength = (model: SessionModel): void => {
  const { geometry, nextBlockLength, throughBytes } = model
  if (nextBlockLength === undefined || throughBytes > 0) return
  model.nextBlockLength = undefined
  for (const download of [...model.downloads.byPiece.values()]) {
    if (download.received < download.blockCount) abandonPiece(model, download)
  }
  forgetPartial(model)
  model.geometry = { ...geometry, blockLength: nextBlockLength }
  askAll(model)
}
