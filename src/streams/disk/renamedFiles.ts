import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { renameFiles } from '../../codecs/renameFiles.js'
import type { PathPlatform } from '../../codecs/safePath.js'
import type { StorageError, StorageFile } from '../deps.js'
import { storageError, UNSAFE } from './storageError.js'

/**
 * The files of a layout, one of them under another path; a `conflict` where a torrent could not have that path: it is
 * not safe or in the folder that is ours, another file has it (whatever the case), or one is the folder of the other.
 */
export const renamedFiles = (
  files: ReadonlyArray<StorageFile>,
  index: number,
  path: ReadonlyArray<string>,
  platform: PathPlatform,
): Either<StorageError, ReadonlyArray<StorageFile>> => {
  const file = files[index]
  const refused = E.left(storageError('rename', path, UNSAFE))
  if (file === undefined || file.isPad || file.symlink !== undefined) return refused
  const renamed = renameFiles(files, [{ file: index, path }], platform)
  return renamed === undefined ? refused : E.right(renamed)
}
