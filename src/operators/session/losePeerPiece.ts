import { clearBit, createBits, setAllBits } from '../piece/bitfield.js'
import { releaseBlock } from '../piece/downloads.js'
import { addBits, hasPiece, isWanted, removeHave, removeSeed } from '../piece/pieceTable.js'
import { releasePieces, removePieces } from '../rate/requestQueue.js'
import { peerHas } from './mayAsk.js'
import type { SessionModel } from './model.js'
import type { PeerModel } from './peerModel.js'
import { giveUpPiece, refundRequest, updateInterest } from './peers.js'

/** A peer has a piece no more: what was asked of it can be asked of others. */
export const losePeerPiece = (model: SessionModel, peer: PeerModel, piece: number): void => {
  if (!peerHas(peer, piece)) return
  const { table } = model
  clearBit(bitsOf(model, peer), piece)
  peer.pieceCount--
  removeHave(table, piece)
  if (isWanted(table, piece) && !hasPiece(table, piece)) peer.wantedPieces--
  const allowed = peer.allowedFast.indexOf(piece)
  if (allowed >= 0) peer.allowedFast.splice(allowed, 1)
  voidRequests(model, peer, piece)
  updateInterest(model, peer)
}

/** What it has, as bits also where it was a seed until now. */
const bitsOf = ({ table }: SessionModel, peer: PeerModel): Uint8Array => {
  if (peer.bits !== undefined) return peer.bits
  const bits = createBits(table.pieceCount)
  setAllBits(bits, table.pieceCount)
  removeSeed(table)
  addBits(table, bits)
  peer.bits = bits
  return bits
}

/** With BEP 6 each is still refused; without it there will be no answer. */
const voidRequests = (model: SessionModel, peer: PeerModel, piece: number): void => {
  const download = model.downloads.byPiece.get(piece)
  const call = peer.hasFast ? releasePieces : removePieces
  call(
    peer.requests,
    (asked) => asked === piece,
    (_, block, wasReleased) => {
      if (wasReleased) return
      refundRequest(model, peer, piece, block)
      if (download !== undefined) releaseBlock(model.downloads, download, block)
    },
  )
  if (download !== undefined) giveUpPiece(model, peer, download)
}
