import { isWanted } from '../piece/pieceTable.js'
import { piecesOfFile } from '../piece/fileMap.js'
import type { SessionModel } from './model.js'
import { vouchedFiles } from './vouchedFiles.js'

/**
 * Files that were in their places before the session, hold nothing of the torrent as far as the check can tell, and are
 * going to be written over: by their paths below the download folder.
 */
export const foreignFiles = (model: SessionModel): ReadonlyArray<string> => {
  const { resume, table, geometry, config } = model
  if (resume.strangers.length === 0) return []
  const isVouchedFor = vouchedFiles(model)
  const isToBeWritten = (file: number): boolean => {
    const own = piecesOfFile(config.metainfo.files[file]!, geometry.pieceLength)
    if (own === undefined) return false
    for (let piece = own.first; piece <= own.last; piece++) if (isWanted(table, piece)) return true
    return false
  }
  return resume.strangers
    .filter((file) => isVouchedFor[file] !== true && isToBeWritten(file))
    .map((file) => config.metainfo.files[file]!.path.join('/'))
}
