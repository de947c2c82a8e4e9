import { defer } from 'rxjs'
import type { Observable } from 'rxjs'
import { orElse } from '../../disk/andThen.js'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import type { Folders } from '../folders.js'
import { succeed } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import { removeFolder } from './fileCalls.js'

/**
 * Removes the folders between the root of `folders` and the files at `paths` that are empty, never the root itself. A
 * folder that holds anything stays, and so does all above it; a symlink is not a folder.
 */
export const pruneFolders = (
  folders: Folders,
  paths: ReadonlyArray<ReadonlyArray<string>>,
): Observable<SystemResult<void>> =>
  defer(() => {
    const found = new Map<string, ReadonlyArray<string>>()
    for (const path of paths) {
      for (let depth = path.length - 1; depth > 0; depth -= 1) {
        const folder = path.slice(0, depth)
        if (found.has(folder.join('/'))) break
        found.set(folder.join('/'), folder)
      }
    }
    const deepestFirst = [...found.values()].sort((a, b) => b.length - a.length)
    folders.forget()
    return inTurn(deepestFirst.length, (index) => {
      return removeFolder(folders.pathOf(deepestFirst[index]!)).pipe(orElse(succeed))
    }).pipe(settle<string, void>(undefined))
  })
