import { lstat } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { defer, map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, StorageError, StorageFile } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { inTurn } from '../disk/inTurn.js'
import { settle } from '../disk/settle.js'
import type { Folders } from './folders.js'
import { fsCall } from './fsCall.js'

/** Looks at each file, one after the other; what is not a regular file in real folders is none. */
export const statFiles = (
  root: string,
  files: ReadonlyArray<StorageFile>,
  folders: Folders,
): Observable<Either<StorageError, ReadonlyArray<Option<FileStat>>>> =>
  defer(() => {
    const stats: Option<FileStat>[] = []
    const look = ({ path, isPad, symlink }: StorageFile): Observable<Option<FileStat>> =>
      folders.check(path, false).pipe(
        andThen(() =>
          fsCall<Stats>((done) => {
            lstat(join(root, ...path), done)
          }),
        ),
        map((answer) =>
          E.isRight(answer) && answer.right.isFile() && !isPad && symlink === undefined
            ? O.some({ size: answer.right.size, mtimeMs: answer.right.mtimeMs })
            : O.none,
        ),
      )
    return inTurn<StorageError, void>(files.length, (index) =>
      look(files[index]!).pipe(map((stat) => E.right(void stats.push(stat)))),
    ).pipe(settle<StorageError, ReadonlyArray<Option<FileStat>>>(stats))
  })
