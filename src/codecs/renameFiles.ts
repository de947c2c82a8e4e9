import * as E from '#fp/Either'
import { toUtf8 } from './bytes.js'
import { MAX_DIRECTORY_DEPTH } from './limits.js'
import { type NamedFile, uniquePaths } from './metainfo/uniquePaths.js'
import { isPrivate } from './privateFolder.js'
import { type PathPlatform, sanitizePath } from './safePath.js'

/** A file of a torrent, by its place in `files`, that lies under another path than the torrent's. */
export interface RenamedFile {
  readonly file: number
  readonly path: ReadonlyArray<string>
}

/**
 * Files with other paths for some of them; undefined where a torrent could not have these: one is not safe, is in the
 * folder that is ours, belongs to another file (whatever the case), or one is the folder of another. Pad files have none.
 */
export const renameFiles = <F extends NamedFile>(
  files: ReadonlyArray<F>,
  renamed: ReadonlyArray<RenamedFile>,
  platform: PathPlatform,
): ReadonlyArray<F> | undefined => {
  if (renamed.length === 0) return files
  const next = [...files]
  for (const { file, path } of renamed) {
    const named = files[file]
    if (named === undefined || named.isPad || !isPossible(path, platform)) return undefined
    next[file] = { ...named, path: [...path] }
  }
  const unique = uniquePaths(next)
  const stays = E.isRight(unique) && unique.right.every((path, at) => isSamePath(path, next[at]!.path))
  return stays ? next : undefined
}

export const isSamePath = (a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean =>
  a === b || (a.length === b.length && a.every((name, at) => name === b[at]))

const isPossible = (path: ReadonlyArray<string>, platform: PathPlatform): boolean =>
  path.length <= MAX_DIRECTORY_DEPTH &&
  !isPrivate(path) &&
  isSamePath(sanitizePath(path.map(toUtf8), platform), path)
