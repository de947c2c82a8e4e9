import { map, of, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import { storageError } from '../../disk/storageError.js'
import type { LongFile, StorageError } from '../../deps.js'
import { isInTheWay, regularAt } from './fileCalls.js'
import { isOnDisk, type Tree } from './tree.js'

/** See `Storage.longFiles`. What stands in a file's way is not the file. */
export const findLongFiles = (
  { root, folders, files }: Pick<Tree, 'root' | 'folders' | 'files'>,
  isAsked: (file: number) => boolean = () => true,
): Observable<Either<StorageError, ReadonlyArray<LongFile>>> => {
  const found: LongFile[] = []
  const look = (index: number): Observable<Either<StorageError, void>> => {
    const file = files[index]!
    if (!isOnDisk(file) || !isAsked(index)) return of(E.right(undefined))
    return regularAt(root, folders, file.path).pipe(
      map((answer) => {
        if (E.isLeft(answer)) {
          return isInTheWay(answer.left)
            ? E.right(undefined)
            : E.left(storageError('stat', file.path, answer.left))
        }
        const actual = answer.right?.size ?? 0
        if (actual > file.length) found.push({ file: index, expected: file.length, actual })
        return E.right(undefined)
      }),
    )
  }
  return inTurn(files.length, look).pipe(settle<StorageError, ReadonlyArray<LongFile>>(found))
}
