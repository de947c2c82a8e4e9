import { defer, map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { andThen, orElse } from '../../disk/andThen.js'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import { storageError } from '../../disk/storageError.js'
import type { StorageError, StorageFile } from '../../deps.js'
import { fail, succeed } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import { linkText } from '../makeSymlink.js'
import { isInTheWay, readLink, regularAt, removeFile, unlessAbsent } from './fileCalls.js'
import { pruneFolders } from './pruneFolders.js'
import { journalPath, partPath, resumePath } from './tree.js'
import type { Tree } from './tree.js'

/**
 * Deletes the files of a torrent, its links, the part file and the resume file, then the folders that this leaves empty.
 * A file that is longer than the torrent says is somebody else's, and so is one that is not `isOurs`. Goes on after a
 * failure, and answers the first.
 */
export const removeFiles = (
  tree: Tree,
  id: string,
  isOurs: (file: number) => boolean,
): Observable<Either<StorageError, void>> =>
  defer(() => {
    const { folders, files } = tree
    folders.forget()
    let failure: StorageError | undefined
    const own = [
      ...files.filter(({ isPad, symlink }, index) => !isPad && (symlink !== undefined || isOurs(index))),
      ...[partPath(id), resumePath(id), journalPath(id)].map((path): StorageFile => ({
        ...tree.part,
        path,
        length: Infinity,
      })),
    ]
    const remove = (file: StorageFile): Observable<SystemResult<void>> =>
      (file.symlink === undefined ? removeRegular(tree, file) : removeLink(tree, file, file.symlink)).pipe(
        orElse((code) => (isInTheWay(code) ? succeed() : fail(code))),
        map((result) => {
          if (E.isLeft(result)) failure ??= storageError('remove', file.path, result.left)
          return E.right(undefined)
        }),
      )
    const paths = own.map(({ path }) => path)
    return inTurn(own.length, (index) => remove(own[index]!)).pipe(
      settle<string, void>(undefined),
      andThen(() => pruneFolders(folders, paths)),
      map(() => (failure === undefined ? E.right(undefined) : E.left(failure))),
    )
  })

const removeRegular = ({ folders }: Tree, { path, length }: StorageFile): Observable<SystemResult<void>> =>
  regularAt(folders, path).pipe(
    andThen((stats) =>
      stats === undefined || stats.size > length ? succeed() : unlessAbsent(removeFile(folders.pathOf(path))),
    ),
  )

const removeLink = (
  { folders }: Tree,
  { path }: StorageFile,
  target: ReadonlyArray<string>,
): Observable<SystemResult<void>> => {
  const link = folders.pathOf(path)
  return folders.check(path, false).pipe(
    andThen(() => readLink(link)),
    andThen((text) => (text === linkText(path, target) ? removeFile(link) : succeed())),
    // Not there, or no link.
    orElse((code) => (code === 'ENOENT' || code === 'EINVAL' ? succeed() : fail(code))),
  )
}
