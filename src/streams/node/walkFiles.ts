import { lstat, readdir } from 'node:fs'
import type { Dirent, Stats } from 'node:fs'
import { join } from 'node:path'
import { map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { StorageError } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { inOrder } from '../disk/inOrder.js'
import { inTurn } from '../disk/inTurn.js'
import { storageError } from '../disk/storageError.js'
import { fsCall } from './fsCall.js'

/** Files of a folder looked at side by side: one of the system's four threads is left to others where a folder hangs. */
const LOOKS = 3

/** A regular file below a folder. */
export interface WalkedFile {
  readonly path: ReadonlyArray<string>
  readonly length: number
}

/** Something below a folder that is neither file nor folder, or whose name is not UTF-8. */
export interface UnsupportedEntry {
  readonly _tag: 'UnsupportedEntry'
  /** Relative to the folder, with `/`. */
  readonly file: string
  readonly kind: 'symlink' | 'special' | 'name'
}

export type WalkError = StorageError | UnsupportedEntry

/**
 * All files below a folder, hidden and empty ones too, depth first and in the byte order of their names: the same tree
 * gives the same list on every machine. Symlinks are not followed, nor is anything left out: what cannot be shared is a
 * `Left`, which ends it. Folders without files do not show. Cold.
 */
export const walkFiles = (
  root: string,
  folder: ReadonlyArray<string> = [],
): Observable<Either<WalkError, WalkedFile>> =>
  fsCall<Array<Dirent<Buffer>>>((done) => {
    readdir(join(root, ...folder), { withFileTypes: true, encoding: 'buffer' }, done)
  }).pipe(
    map(E.mapLeft((code): WalkError => storageError('open', folder, code))),
    andThen((entries) => {
      const sorted = entries.toSorted((a, b) => Buffer.compare(a.name, b.name))
      const runs = runsOf(sorted)
      return inTurn(runs.length, (index) => {
        const { isFolder, first, end } = runs[index]!
        return isFolder
          ? walkEntry(root, folder, sorted[first]!)
          : inOrder(LOOKS, end - first, (more) => walkEntry(root, folder, sorted[first + more]!))
      })
    }),
  )

/** A folder, or entries in a row that are none. */
interface Run {
  readonly isFolder: boolean
  readonly first: number
  end: number
}

const runsOf = (entries: ReadonlyArray<Dirent<Buffer>>): ReadonlyArray<Run> => {
  const runs: Run[] = []
  entries.forEach((entry, index) => {
    const before = runs.at(-1)
    const isFolder = entry.isDirectory()
    if (!isFolder && before?.isFolder === false) before.end += 1
    else runs.push({ isFolder, first: index, end: index + 1 })
  })
  return runs
}

const walkEntry = (
  root: string,
  folder: ReadonlyArray<string>,
  entry: Dirent<Buffer>,
): Observable<Either<WalkError, WalkedFile>> => {
  const name = entry.name.toString()
  const path = [...folder, name]
  if (!Buffer.from(name).equals(entry.name)) return of(unsupported(path, 'name'))
  if (entry.isDirectory()) return walkFiles(root, path)
  if (entry.isSymbolicLink()) return of(unsupported(path, 'symlink'))
  if (!entry.isFile()) return of(unsupported(path, 'special'))
  return fsCall<Stats>((done) => {
    lstat(join(root, ...path), done)
  }).pipe(
    map(
      E.bimap(
        (code): WalkError => storageError('open', path, code),
        ({ size }): WalkedFile => ({ path, length: size }),
      ),
    ),
  )
}

const unsupported = (path: ReadonlyArray<string>, kind: UnsupportedEntry['kind']): Either<WalkError, never> =>
  E.left({ _tag: 'UnsupportedEntry', file: path.join('/'), kind })
