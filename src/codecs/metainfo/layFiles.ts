import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import { pipe } from '#fp/function'
import type { DecodeError } from '../errors.js'
import { MAX_DIRECTORY_DEPTH, MAX_STREAM_LENGTH } from '../limits.js'
import type { FileEntry } from '../metainfoModel.js'
import type { PathPlatform } from '../safePath.js'
import { sanitizePath } from '../safePath.js'
import type { ListedFile } from './listedFile.js'
import type { Place } from './place.js'
import { overLimit } from './place.js'
import { resolveSymlinks } from './resolveSymlinks.js'
import { uniquePaths } from './uniquePaths.js'

/** Puts files one behind the other, below the root `name`, under safe and unique paths. */
export const layFiles = (
  files: ReadonlyArray<ListedFile>,
  name: string,
  platform: PathPlatform,
  place: Place,
): Either<DecodeError, ReadonlyArray<FileEntry>> => {
  const deepest = files.reduce((depth, { path }) => Math.max(depth, path.length), 0)
  if (deepest > MAX_DIRECTORY_DEPTH) {
    return E.left(overLimit(place, 'directory depth', MAX_DIRECTORY_DEPTH, deepest))
  }
  const safe = (path: ReadonlyArray<Uint8Array>): ReadonlyArray<string> =>
    path.length === 0 ? [] : sanitizePath(path, platform)
  return pipe(
    // Not a spread: that would keep room for seventeen elements in each.
    uniquePaths(files.map(({ path, length, isPad }) => ({ path: [name].concat(safe(path)), length, isPad }))),
    E.chain((paths) => {
      const symlinks = files.some(({ target }) => target !== undefined)
        ? resolveSymlinks(files.map(({ target }, i) => ({ path: paths[i]!, target: target && safe(target) })))
        : []
      return placeInStream(files, paths, symlinks, place)
    }),
  )
}

const placeInStream = (
  files: ReadonlyArray<ListedFile>,
  paths: ReadonlyArray<ReadonlyArray<string>>,
  symlinks: ReadonlyArray<ReadonlyArray<string> | undefined>,
  place: Place,
): Either<DecodeError, ReadonlyArray<FileEntry>> => {
  const entries: FileEntry[] = []
  let offset = 0
  for (let i = 0; i < files.length; i++) {
    const { length, isPad, isExecutable, isHidden, piecesRoot } = files[i]!
    entries.push({
      path: paths[i]!,
      length,
      offset,
      isPad,
      isExecutable,
      isHidden,
      symlink: O.fromNullable(symlinks[i]),
      piecesRoot: O.fromNullable(piecesRoot),
    })
    offset += length
    if (offset >= MAX_STREAM_LENGTH) {
      return E.left(overLimit(place, 'total length', MAX_STREAM_LENGTH - 1, offset))
    }
  }
  return E.right(entries)
}
