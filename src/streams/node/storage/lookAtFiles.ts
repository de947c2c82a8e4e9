import type { Stats } from 'node:fs'
import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { StorageError, StorageFile } from '../../deps.js'
import { settle } from '../../disk/settle.js'
import { sideBySide } from '../../disk/sideBySide.js'
import { storageError } from '../../disk/storageError.js'
import { isInTheWay, regularAt } from './fileCalls.js'
import type { Tree } from './tree.js'

/** Of the four threads that the system's calls have unless told otherwise, one stays free for reads and writes. */
const WIDTH = 3

/**
 * Looks at each of `files`, and ends when all are seen or at the first that cannot be looked at. What stands in a file's
 * way is not the file. `seen` gets what is there, in no order. Where a folder is not there, nothing in it is looked for:
 * a torrent of ten thousand files that is new costs a call for each folder.
 */
export const lookAtFiles = (
  { folders }: Pick<Tree, 'folders'>,
  files: ReadonlyArray<StorageFile>,
  isAsked: (index: number) => boolean,
  seen: (index: number, stats: Stats) => void,
): Observable<Either<StorageError, void>> => {
  const absent = new Set<string>()
  const look = (index: number): Observable<Either<StorageError, void>> | undefined => {
    if (!isAsked(index)) return undefined
    const { path } = files[index]!
    const folder = path.slice(0, -1).join('/')
    if (absent.has(folder)) return undefined
    return regularAt(folders, path, () => absent.add(folder)).pipe(
      map((found) => {
        if (E.isLeft(found))
          return isInTheWay(found.left) ? DONE : E.left(storageError('stat', path, found.left))
        if (found.right !== undefined) seen(index, found.right)
        return DONE
      }),
    )
  }
  return sideBySide(WIDTH, files.length, look).pipe(settle<StorageError, void>(undefined))
}

const DONE: Either<never, void> = E.right(undefined)
