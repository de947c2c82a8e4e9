import { piecesOfFile } from '../piece/fileMap.js'
import { isWanted } from '../piece/pieceTable.js'
import { notify } from './emit.js'
import type { SessionModel } from './model.js'
import { vouchedFiles } from './vouchedFiles.js'

/**
 * Files that were in their places before the session, hold nothing of the torrent as far as the check can tell, and are
 * going to be written over: by their paths below the download folder. Each once, when it is wanted.
 */
export const tellForeignFiles = (model: SessionModel): void => {
  const { resume, table, geometry, config, now } = model
  // Nobody may have said yet what is wanted.
  if (resume.strangers.length === 0 || model.awaitsPriorities) return
  const isToBeWritten = (file: number): boolean => {
    const own = piecesOfFile(config.metainfo.files[file]!, geometry.pieceLength)
    if (own === undefined) return false
    for (let piece = own.first; piece <= own.last; piece++) if (isWanted(table, piece)) return true
    return false
  }
  const due = resume.strangers.filter(isToBeWritten)
  if (due.length === 0) return
  resume.strangers = resume.strangers.filter((file) => !due.includes(file))
  const isVouchedFor = vouchedFiles(model)
  const files = due
    .filter((file) => isVouchedFor[file] !== true)
    .map((file) => (model.renamed.get(file) ?? config.metainfo.files[file]!.path).join('/'))
  if (files.length > 0) notify(model, { _tag: 'FilesForeign', at: now, files })
}
