import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { andThen, orElse } from '../../disk/andThen.js'
import { fail, succeed } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import { ensureFree, linkFile, removeFile, renameFile } from './fileCalls.js'

/** What a file system says that knows no hard links. */
const NO_LINKS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/**
 * Gives a file another name on its device, never one that something else has (`EEXIST`): a link and then its removal,
 * because `rename` replaces what is there. Where there are no links, it has a look and renames.
 */
export const placeFile = (from: string, to: string): Observable<SystemResult<void>> =>
  addName(from, to).pipe(
    andThen((isGone) =>
      isGone
        ? succeed()
        : removeFile(from).pipe(
            orElse((code) => removeFile(to).pipe(andThen<string, void, void>(() => fail(code)))),
          ),
    ),
  )

/** The first half of `placeFile`: answers whether the old name is gone already. */
export const addName = (from: string, to: string): Observable<SystemResult<boolean>> =>
  linkFile(from, to).pipe(
    map(E.map(() => false)),
    orElse((code) =>
      NO_LINKS.has(code)
        ? ensureFree(to).pipe(
            andThen(() => renameFile(from, to)),
            map(E.map(() => true)),
          )
        : fail(code),
    ),
  )
