import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, StorageError } from '../../deps.js'
import type { TorrentFiles } from '../torrentFiles.js'
import { lookAtFiles } from './lookAtFiles.js'
import { hasBytes, isOnDisk } from './tree.js'
import type { Tree } from './tree.js'

/**
 * See `Storage.stat`. What stands in a file's way is not the file. One that we wrote and closed is as it was then, or the
 * next start, or our own next write to it, will see that it is not.
 */
export const statFiles = (
  tree: Tree,
  { lastSeen, isForeign }: Pick<TorrentFiles, 'lastSeen' | 'isForeign'>,
): Observable<Either<StorageError, ReadonlyArray<Option<FileStat>>>> => {
  const { folders, files, part } = tree
  folders.forget()
  const all = [...files, part]
  const stats = all.map((_, index) => (isForeign(index) ? O.none : O.fromNullable(lastSeen(index))))
  const looked$ = lookAtFiles(
    tree,
    all,
    (index) => O.isNone(stats[index]!) && isOnDisk(all[index]!) && !isForeign(index),
    (index, { size, mtimeMs }) => {
      stats[index] = O.some({ size, mtimeMs })
    },
  )
  return looked$.pipe(
    map(
      E.map(() =>
        files.map((file, index) =>
          O.isNone(stats[index]!) && hasBytes(file) && !isForeign(index)
            ? stats[files.length]!
            : stats[index]!,
        ),
      ),
    ),
  )
}
