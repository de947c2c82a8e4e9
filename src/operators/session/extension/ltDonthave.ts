import type { Extension } from './extension.js'
import { losePeerPiece } from '../losePeerPiece.js'
import { SESSION_LIMITS } from '../limits.js'

/** BEP 54: takes a `have` back. `losePieces` is where we do. */
export const ltDonthave: Extension = {
  name: 'lt_donthave',
  id: 4,
  isOffered: () => true,
  onMessage: (model, peer, payload) => {
    if (payload.length !== 4) return 'lt_donthave of the wrong length'
    const piece = new DataView(payload.buffer, payload.byteOffset).getUint32(0)
    if (piece >= model.table.pieceCount) return 'lt_donthave out of range'
    if (peer.bits === undefined && ++peer.relapses > SESSION_LIMITS.relapses) return 'a seed that is none'
    losePeerPiece(model, peer, piece)
    return undefined
  },
}

/** The payload: the piece in four bytes. */
export const encodeDonthave = (piece: number): Uint8Array => {
  const payload = new Uint8Array(4)
  new DataView(payload.buffer).setUint32(0, piece)
  return payload
}
