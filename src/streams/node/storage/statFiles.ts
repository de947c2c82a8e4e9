import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, StorageError } from '../../deps.js'
import { lookAtFiles } from './lookAtFiles.js'
import { hasBytes, isOnDisk } from './tree.js'
import type { Tree } from './tree.js'

/** See `Storage.stat`. What stands in a file's way is not the file. */
export const statFiles = (tree: Tree): Observable<Either<StorageError, ReadonlyArray<Option<FileStat>>>> => {
  const { folders, files, part } = tree
  folders.forget()
  const all = [...files, part]
  const stats: Option<FileStat>[] = all.map(() => O.none)
  const looked$ = lookAtFiles(
    tree,
    all,
    (index) => isOnDisk(all[index]!),
    (index, { size, mtimeMs }) => {
      stats[index] = O.some({ size, mtimeMs })
    },
  )
  return looked$.pipe(
    map(
      E.map(() =>
        files.map((file, index) =>
          O.isNone(stats[index]!) && hasBytes(file) ? stats[files.length]! : stats[index]!,
        ),
      ),
    ),
  )
}
