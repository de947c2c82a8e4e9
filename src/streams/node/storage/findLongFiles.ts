import { map, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { LongFile, StorageError } from '../../deps.js'
import { lookAtFiles } from './lookAtFiles.js'
import { isOnDisk, type Tree } from './tree.js'

/** See `Storage.longFiles`. What stands in a file's way is not the file. */
export const findLongFiles = (
  tree: Pick<Tree, 'folders' | 'files'>,
  isAsked: (file: number) => boolean = () => true,
): Observable<Either<StorageError, ReadonlyArray<LongFile>>> => {
  const { files } = tree
  const found: LongFile[] = []
  const looked$ = lookAtFiles(
    tree,
    files,
    (index) => isOnDisk(files[index]!) && isAsked(index),
    (index, { size }) => {
      const { length } = files[index]!
      if (size > length) found.push({ file: index, expected: length, actual: size })
    },
  )
  return looked$.pipe(map(E.map(() => found.sort((one, other) => one.file - other.file))))
}
