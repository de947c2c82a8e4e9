import { map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { andThen } from '../../disk/andThen.js'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import { storageError } from '../../disk/storageError.js'
import type { FileStat, StorageError, StorageFile } from '../../deps.js'
import type { SystemResult } from '../fsCall.js'
import { isInTheWay, regularAt } from './fileCalls.js'
import { hasBytes, isOnDisk } from './tree.js'
import type { Tree } from './tree.js'

/** See `Storage.stat`. What stands in a file's way is not the file. */
export const statFiles = (tree: Tree): Observable<Either<StorageError, ReadonlyArray<Option<FileStat>>>> => {
  const { root, folders, files, part } = tree
  folders.forget()
  const statOf = (file: StorageFile): Observable<SystemResult<Option<FileStat>>> =>
    regularAt(root, folders, file.path).pipe(
      map((found) => {
        if (E.isRight(found)) {
          return E.right(
            found.right === undefined
              ? O.none
              : O.some({ size: found.right.size, mtimeMs: found.right.mtimeMs }),
          )
        }
        return isInTheWay(found.left) ? E.right(O.none) : found
      }),
    )
  const blame = (
    file: StorageFile,
    answer$: Observable<SystemResult<Option<FileStat>>>,
  ): Observable<Either<StorageError, Option<FileStat>>> =>
    answer$.pipe(map(E.mapLeft((code) => storageError('stat', file.path, code))))

  return blame(part, statOf(part)).pipe(
    andThen((parts) => {
      const stats: Option<FileStat>[] = []
      return inTurn(files.length, (index) => {
        const file = files[index]!
        const stat$ = isOnDisk(file) ? blame(file, statOf(file)) : of(E.right(O.none))
        return stat$.pipe(
          map(
            E.map((stat) => {
              stats.push(O.isNone(stat) && hasBytes(file) ? parts : stat)
            }),
          ),
        )
      }).pipe(settle<StorageError, ReadonlyArray<Option<FileStat>>>(stats))
    }),
  )
}
