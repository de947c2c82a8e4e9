import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { toUtf8 } from '../../codecs/bytes.js'
import { uniquePaths } from '../../codecs/metainfo/uniquePaths.js'
import { sanitizePath } from '../../codecs/safePath.js'
import type { PathPlatform } from '../../codecs/safePath.js'
import type { StorageError, StorageFile } from '../deps.js'
import { storageError, UNSAFE } from './storageError.js'

/**
 * The files of a layout, one of them under another path; a `conflict` where a torrent could not have that path: it is
 * not safe, another file has it (whatever the case), or one is the folder of the other.
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
  if (!isSame(sanitizePath(path.map(toUtf8), platform), path)) return refused
  const renamed = files.map((other, at) => (at === index ? { ...file, path: [...path] } : other))
  const unique = uniquePaths(renamed)
  const stays = E.isRight(unique) && unique.right.every((one, at) => isSame(one, renamed[at]!.path))
  return stays ? E.right(renamed) : refused
}

const isSame = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a.length === b.length && a.every((name, at) => name === b[at])
