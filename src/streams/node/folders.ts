import { close, fsync, lstat, mkdir, open, rmdir, stat } from 'node:fs'
import type { Stats } from 'node:fs'
import { dirname } from 'node:path'
import { defer } from 'rxjs'
import type { Observable } from 'rxjs'
import { andThen, orElse } from '../disk/andThen.js'
import { inTurn } from '../disk/inTurn.js'
import { settle } from '../disk/settle.js'
import { sharedRuns } from '../disk/sharedRuns.js'
import { pathsBelow } from './pathsBelow.js'
import { fail, fsCall, fsStep, succeed } from './fsCall.js'
import type { SystemResult } from './fsCall.js'

/** The folders between the download folder and the files of a torrent. */
export interface Folders {
  /** Where a file of the torrent is, or will be. */
  readonly pathOf: (path: ReadonlyArray<string>) => string
  /**
   * Makes sure that the folders that hold `path` are there and real: a symlink among them is `ELOOP`, a file `ENOTDIR`.
   * `make` creates what is missing. Each that is there is looked at once.
   */
  readonly check: (path: ReadonlyArray<string>, make: boolean) => Observable<SystemResult<void>>
  /** Whether `check` has nothing to look at. */
  readonly isKnown: (path: ReadonlyArray<string>) => boolean
  /** The folder that holds `path` has a new entry, which `sync` is to keep. */
  readonly touch: (path: ReadonlyArray<string>) => void
  /** Whether `sync` has something to do: since the last call there was a `touch`, or `check` made a folder. */
  readonly isTouched: () => boolean
  /** Entries made since the last call are on the device. */
  readonly sync: () => Observable<SystemResult<void>>
  /** Looks again: somebody changed the tree. */
  readonly forget: () => void
  /** Takes away the folders that `check` made, those that are empty. */
  readonly unmake: () => Observable<SystemResult<void>>
}

/** Of an absolute `root`. */
export const createFolders = (root: string): Folders => {
  const known = new Set<string>()
  const touched = new Set<string>()
  /** In the order in which they came to be. */
  const made: string[] = []
  const pathOf = pathsBelow(root)
  const folderOf = (path: ReadonlyArray<string>): string => pathOf(path.slice(0, -1))

  const make = (folder: string): Observable<SystemResult<void>> =>
    fsStep((done) => {
      mkdir(folder, done)
    }).pipe(
      andThen(() => {
        made.push(folder)
        return succeed()
      }),
      // Two files of one folder may come at the same time.
      orElse((code) => (code === 'EEXIST' ? succeed() : fail(code))),
      andThen(() => {
        touched.add(dirname(folder))
        return isReal(folder)
      }),
    )

  const checkOne = (folder: string, mayMake: boolean): Observable<SystemResult<void>> =>
    known.has(folder)
      ? succeed()
      : isReal(folder).pipe(
          orElse((code) => (mayMake && code === 'ENOENT' ? make(folder) : fail(code))),
          andThen(() => {
            known.add(folder)
            return succeed()
          }),
        )
  const checkAll = (path: ReadonlyArray<string>, mayMake: boolean): Observable<SystemResult<void>> =>
    inTurn(path.length - 1, (depth) => checkOne(folderOf(path.slice(0, depth + 2)), mayMake)).pipe(
      settle<string, void>(undefined),
    )
  const makeAll = (path: ReadonlyArray<string>): Observable<SystemResult<void>> =>
    makeRoot(root, made).pipe(andThen(() => checkAll(path, true)))

  return {
    pathOf,
    check: (path, mayMake) =>
      defer(() => {
        if (known.has(folderOf(path))) return succeed()
        if (!mayMake) return checkAll(path, false)
        // Where a folder below it is there, so is the root.
        return path.length === 1
          ? makeAll(path)
          : checkAll(path, false).pipe(orElse((code) => (code === 'ENOENT' ? makeAll(path) : fail(code))))
      }),
    isKnown: (path) => known.has(folderOf(path)),
    touch: (path) => {
      touched.add(folderOf(path))
    },
    sync: () =>
      defer(() => {
        const folders = [...touched]
        touched.clear()
        return inTurn(folders.length, (index) => syncFolder(folders[index]!)).pipe(
          settle<string, void>(undefined),
        )
      }),
    isTouched: () => touched.size > 0,
    forget: () => {
      known.clear()
    },
    unmake: () =>
      defer(() => {
        known.clear()
        const folders = made.splice(0).reverse()
        return inTurn(folders.length, (index) =>
          fsStep((done) => {
            rmdir(folders[index]!, done)
          }).pipe(orElse(succeed)),
        ).pipe(settle<string, void>(undefined))
      }),
  }
}

/**
 * The download folder is the user's: where it leads is up to him. Made step by step: a recursive `mkdir` never returns
 * where a folder that is there takes no new one, as in `/proc`.
 */
const makeRoot = (root: string, made: string[]): Observable<SystemResult<void>> =>
  isFolder(root).pipe(
    orElse((code) =>
      code === 'ENOENT' && dirname(root) !== root
        ? makeRoot(dirname(root), made).pipe(andThen(() => makeOne(root, made)))
        : fail(code),
    ),
  )

const makeOne = (folder: string, made: string[]): Observable<SystemResult<void>> =>
  fsStep((done) => {
    mkdir(folder, done)
  }).pipe(
    andThen(() => {
      made.push(folder)
      return succeed()
    }),
    orElse((code) =>
      // Somebody else was faster; or it is a symlink that leads nowhere.
      code === 'EEXIST' ? isFolder(folder).pipe(orElse<string, void>(() => fail(code))) : fail(code),
    ),
  )

/** Wherever it leads. */
const isFolder = (path: string): Observable<SystemResult<void>> =>
  fsCall<Stats>((done) => {
    stat(path, done)
  }).pipe(andThen((stats) => (stats.isDirectory() ? succeed() : fail('ENOTDIR'))))

const isReal = (folder: string): Observable<SystemResult<void>> =>
  fsCall<Stats>((done) => {
    lstat(folder, done)
  }).pipe(
    andThen((stats) =>
      stats.isDirectory() ? succeed() : fail(stats.isSymbolicLink() ? 'ELOOP' : 'ENOTDIR'),
    ),
  )

/** Best effort: not every system can open a folder, and those that cannot need no such call. */
const syncFolder = sharedRuns((folder) =>
  fsCall<number>((done) => {
    open(folder, 'r', done)
  }).pipe(
    andThen((fd) =>
      fsStep((done) => {
        fsync(fd, () => {
          close(fd, done)
        })
      }),
    ),
    orElse(succeed),
  ),
)
