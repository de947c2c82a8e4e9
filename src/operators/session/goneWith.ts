import { piecesOfFile } from '../piece/fileMap.js'
import type { SessionModel } from './model.js'

/**
 * The pieces that are gone with one that was found missing. Where its file is not there at all, they are all that the
 * file has a part in: a file that is made anew reads as zeros where nothing has been written yet.
 */
export const goneWith = (
  model: SessionModel,
  piece: number,
  file: string,
  isWholeFile: boolean,
): ReadonlyArray<number> => {
  if (!isWholeFile) return [piece]
  const { files } = model.config.metainfo
  const index = files.findIndex(({ path }, at) => (model.renamed.get(at) ?? path).join('/') === file)
  const found = files[index]
  const range = found === undefined ? undefined : piecesOfFile(found, model.geometry.pieceLength)
  if (range === undefined) return [piece]
  return Array.from({ length: range.last - range.first + 1 }, (_, at) => range.first + at)
}
