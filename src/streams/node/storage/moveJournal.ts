import { readFile, writeFile } from 'node:fs'
import { map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { PRIVATE_FOLDER } from '../../../codecs/privateFolder.js'
import { andThen, orElse } from '../../disk/andThen.js'
import { fsCall, fsStep, succeed } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import { regularAt, removeFile, renameFile, unlessAbsent } from './fileCalls.js'
import { journalPath } from './tree.js'
import type { Tree } from './tree.js'

/** That a move is under way: beside the sources, from before the first new name until after the last old one. */
export interface MoveJournal {
  /** The real folder that it goes to. */
  readonly to: string
  /** By entry, the part file last: its bytes, or −1 where there was nothing to move. */
  readonly sizes: ReadonlyArray<number>
}

/** Of it, what a journal needs. */
type JournalTree = Pick<Tree, 'folders'>

const MAX_BYTES = 64 * 1024 * 1024

/** What a move to that folder left that was broken off; undefined where there was none, or nobody can tell. */
export const readJournal = (
  { folders }: JournalTree,
  id: string,
  to: string,
): Observable<SystemResult<MoveJournal | undefined>> => {
  const path = journalPath(id)
  return regularAt(folders, path).pipe(
    andThen((found) =>
      found === undefined || found.size > MAX_BYTES
        ? of(E.right(''))
        : fsCall<string>((done) => {
            readFile(folders.pathOf(path), 'utf8', done)
          }),
    ),
    map(E.map((text) => parse(text, to))),
    orElse<string, MoveJournal | undefined>(() => of(E.right(undefined))),
  )
}

/** Where it cannot be written the move goes on without. */
export const writeJournal = (
  { folders }: JournalTree,
  id: string,
  journal: MoveJournal,
): Observable<SystemResult<void>> => {
  const path = journalPath(id)
  const place = folders.pathOf(path)
  const temporary = `${place}.tmp`
  return folders.check(path, true).pipe(
    andThen(() => unlessAbsent(removeFile(temporary))),
    andThen(() =>
      fsStep((done) => {
        writeFile(temporary, JSON.stringify(journal), { flag: 'wx', mode: 0o600, flush: true }, done)
      }),
    ),
    andThen(() => renameFile(temporary, place)),
    andThen(() => {
      folders.touch(path)
      // A save that waited for no device may have made it.
      folders.touch([PRIVATE_FOLDER])
      return folders.sync()
    }),
    orElse(succeed),
  )
}

export const removeJournal = ({ folders }: JournalTree, id: string): Observable<SystemResult<void>> => {
  const path = journalPath(id)
  return folders.check(path, false).pipe(
    andThen(() => removeFile(folders.pathOf(path))),
    orElse(succeed),
  )
}

const parse = (text: string, to: string): MoveJournal | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('to' in value) || !('sizes' in value))
      return undefined
    const { sizes } = value
    if (value.to !== to || !Array.isArray(sizes)) return undefined
    return { to, sizes: sizes.map((size) => (typeof size === 'number' ? size : -1)) }
  } catch {
    return undefined
  }
}
