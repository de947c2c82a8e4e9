import { map, of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, StorageError } from '../../deps.js'
import { andThen } from '../../disk/andThen.js'
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
  const isMissing = (index: number): boolean =>
    O.isNone(stats[index]!) && isOnDisk(all[index]!) && !isForeign(index)
  const look = (isAsked: (index: number) => boolean): Observable<Either<StorageError, void>> =>
    lookAtFiles(tree, all, isAsked, (index, { size, mtimeMs }) => {
      stats[index] = O.some({ size, mtimeMs })
    })
  const isParted = (index: number): boolean => isMissing(index) && hasBytes(files[index]!)
  const answer = (): ReadonlyArray<Option<FileStat>> =>
    files.map((_, index) => (isParted(index) ? stats[files.length]! : stats[index]!))
  return look((index) => index < files.length && isMissing(index)).pipe(
    // The part file stands for what is not there.
    andThen(() =>
      files.some((_, index) => isParted(index))
        ? look((index) => index === files.length && isMissing(index))
        : of(E.right(undefined)),
    ),
    map(E.map(answer)),
  )
}
