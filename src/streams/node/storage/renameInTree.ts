import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { andThen } from '../../disk/andThen.js'
import type { SystemResult } from '../fsCall.js'
import { regularAt } from './fileCalls.js'
import { placeFile } from './placeFile.js'
import { pruneFolders } from './pruneFolders.js'
import type { Tree } from './tree.js'

/** Gives the file at `from`, if it is there, the path `to`, and tidies up the folders. Nothing may be at `to`. */
export const renameInTree = (
  { folders }: Tree,
  from: ReadonlyArray<string>,
  to: ReadonlyArray<string>,
): Observable<SystemResult<void>> => {
  folders.forget()
  return regularAt(folders, from).pipe(
    andThen((stats) =>
      stats === undefined
        ? regularAt(folders, to).pipe(
            map(E.chain((other) => (other === undefined ? E.right(undefined) : E.left('EEXIST')))),
          )
        : folders.check(to, true).pipe(
            andThen(() => placeFile(folders.pathOf(from), folders.pathOf(to))),
            andThen(() => {
              folders.touch(from)
              folders.touch(to)
              return folders.sync()
            }),
            andThen(() => pruneFolders(folders, [from])),
          ),
    ),
  )
}
