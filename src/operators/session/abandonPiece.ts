import { endDownload, NONE, type PieceDownload } from '../piece/downloads.js'
import { markMissing } from '../piece/pieceTable.js'
import type { SessionModel } from './model.js'

/** What came of a piece is thrown away, and its memory is free: it can be begun anew. */
export const abandonPiece = (model: SessionModel, download: PieceDownload): void => {
  endDownload(model.downloads, download)
  if (download.slot !== NONE) model.freeSlots.push(download.slot)
  markMissing(model.table, download.piece)
}

/** Whether a block of it is on its way to the storage, which would count for the next try. */
export const isBeingWritten = ({ slot, written, received }: PieceDownload): boolean =>
  slot === NONE && written < received
