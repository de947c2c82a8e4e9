import { close, constants, fstat, fsync, open, rename, rmdir, unlink } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { defer, map, mergeMap, Observable, of, tap } from 'rxjs'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { MAX_RESUME_BYTES } from '../../codecs/limits.js'
import { PRIVATE_FOLDER } from '../../codecs/privateFolder.js'
import type { FlushReach } from '../../operators/resume/syncedPieces.js'
import type { StorageFile } from '../deps.js'
import { andThen, orElse } from '../disk/andThen.js'
import { createFolders, type Folders } from './folders.js'
import { fail, fsCall, fsStep, succeed, type SystemResult } from './fsCall.js'
import { openFile } from './openFile.js'
import { resumePath, torrentPath } from './storage/tree.js'
import { readFully, type Transfer, writeFully } from './transfer.js'

const fileAt = (path: ReadonlyArray<string>): StorageFile => ({
  path,
  length: 0,
  offset: 0,
  isPad: false,
  isExecutable: false,
  symlink: undefined,
})

const pathsOf = (
  root: string,
  elements: ReadonlyArray<string>,
): { readonly path: string; readonly temporary: string } => {
  const path = join(root, ...elements)
  return { path, temporary: `${path}.tmp` }
}

/** What was saved, at most as much as can be; never through a symlink. */
export const readResume = (root: string, id: string): Observable<SystemResult<Option<Uint8Array>>> =>
  defer(() => readPrivateFile(createFolders(root), resumePath(id)))

const readPrivateFile = (
  folders: Folders,
  elements: ReadonlyArray<string>,
): Observable<SystemResult<Option<Uint8Array>>> =>
  openFile(folders, fileAt(elements), 'read').pipe(
    andThen((fd) => closing(fd, readAll(fd))),
    map(E.match(noneIfMissing, (bytes) => E.right(O.some(bytes)))),
  )

/** `readResume`; takes away what a crash left. */
export const loadResume = (root: string, id: string): Observable<SystemResult<Option<Uint8Array>>> =>
  loadPrivateFile(root, resumePath(id))

/** As `loadResume`, of any file in the private folder. */
export const loadPrivateFile = (
  root: string,
  elements: ReadonlyArray<string>,
): Observable<SystemResult<Option<Uint8Array>>> =>
  defer(() => {
    const folders = createFolders(root)
    const { temporary } = pathsOf(root, elements)
    return folders.check(elements, false).pipe(
      andThen(() =>
        readPrivateFile(folders, elements).pipe(
          mergeMap((found) => takeAway(temporary).pipe(map(() => found))),
        ),
      ),
      orElse((code) => of(noneIfMissing(code))),
    )
  })

const noneIfMissing = (code: string): SystemResult<Option<Uint8Array>> =>
  code === 'ENOENT' ? E.right(O.none) : E.left(code)

/** A download folder, from save to save of what is in its private folder. Mutable, for one owner. */
export interface SaveFolder {
  readonly root: string
  /** How often the private folder came or went, at first as an earlier process may have left it. */
  changes: number
  /** Up to which of them `root` was synced, as well as can be. */
  synced: number
}

/** Of an absolute `root`. */
export const createSaveFolder = (root: string): SaveFolder => ({ root, changes: 1, synced: 0 })

/**
 * In a file beside it, which takes its place once it is on the device; then so is that. For `system` it waits for no
 * device, and leaves a private folder that it made to the next save that does.
 */
export const saveResume = (
  folder: SaveFolder,
  id: string,
  bytes: Uint8Array,
  reach: FlushReach = 'device',
): Observable<SystemResult<void>> => savePrivateFile(folder, resumePath(id), bytes, reach)

/** As `saveResume`, any file in the private folder. */
export const savePrivateFile = (
  folder: SaveFolder,
  elements: ReadonlyArray<string>,
  bytes: Uint8Array,
  reach: FlushReach = 'device',
): Observable<SystemResult<void>> =>
  defer(() => {
    const { root } = folder
    const folders = createFolders(root)
    const file = fileAt(elements)
    const { path, temporary } = pathsOf(root, elements)
    const replace = (): Observable<SystemResult<void>> =>
      writeNew(temporary, bytes, reach).pipe(
        // A crash has left one.
        orElse((code) =>
          code === 'EEXIST'
            ? takeAway(temporary).pipe(andThen(() => writeNew(temporary, bytes, reach)))
            : fail(code),
        ),
        andThen(() =>
          fsStep((done) => {
            rename(temporary, path, done)
          }),
        ),
        orElse((code) => takeAway(temporary).pipe(map(() => E.left(code)))),
      )
    return folders.check(file.path, true).pipe(
      andThen(() => {
        if (folders.isTouched()) folder.changes++
        return replace()
      }),
      andThen(() => (reach === 'device' ? syncEntries(folder, folders, elements) : succeed())),
    )
  })

/** The first time also that of the private folder, whoever made it: an earlier process may have left it to this one. */
const syncEntries = (
  folder: SaveFolder,
  folders: Folders,
  elements: ReadonlyArray<string>,
): Observable<SystemResult<void>> => {
  const { changes } = folder
  folders.touch(elements)
  if (folder.synced < changes) folders.touch([PRIVATE_FOLDER])
  return folders.sync().pipe(
    tap(() => {
      folder.synced = Math.max(folder.synced, changes)
    }),
  )
}

/** With the folder, where nothing else is in it. */
export const removeResume = (folder: SaveFolder, id: string): Observable<SystemResult<void>> =>
  defer(() => {
    const { root } = folder
    const folders = createFolders(root)
    const elements = resumePath(id)
    const { path, temporary } = pathsOf(root, elements)
    return folders.check(elements, false).pipe(
      andThen(() => takeAway(temporary)),
      andThen(() => takeAway(path)),
      // A torrent that came by a magnet link.
      andThen(() => takeAway(join(root, ...torrentPath(id)))),
      andThen(() =>
        fsStep((done) => {
          rmdir(join(root, PRIVATE_FOLDER), done)
        }).pipe(
          andThen(() => {
            folder.changes++
            return succeed()
          }),
          orElse(succeed),
        ),
      ),
      orElse((code) => (code === 'ENOENT' ? succeed() : fail(code))),
    )
  })

const takeAway = (path: string): Observable<SystemResult<void>> =>
  fsStep((done) => {
    unlink(path, done)
  }).pipe(orElse((code) => (code === 'ENOENT' ? succeed() : fail(code))))

const NEW = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW

const writeNew = (path: string, bytes: Uint8Array, reach: FlushReach): Observable<SystemResult<void>> =>
  fsCall<number>((done) => {
    open(path, NEW, 0o600, done)
  }).pipe(
    andThen((fd) =>
      closing(
        fd,
        moved(writeFully, fd, bytes).pipe(
          andThen(() =>
            reach === 'system'
              ? succeed()
              : fsStep((done) => {
                  fsync(fd, done)
                }),
          ),
        ),
      ),
    ),
  )

const readAll = (fd: number): Observable<SystemResult<Uint8Array>> =>
  fsCall<Stats>((done) => {
    fstat(fd, done)
  }).pipe(
    andThen<string, Stats, Uint8Array>(({ size }) => {
      if (size > MAX_RESUME_BYTES) return fail('EFBIG')
      const bytes = new Uint8Array(size)
      return size === 0 ? of(E.right(bytes)) : moved(readFully, fd, bytes).pipe(map(E.map(() => bytes)))
    }),
  )

const moved = (transfer: Transfer, fd: number, bytes: Uint8Array): Observable<SystemResult<void>> =>
  new Observable((subscriber) => {
    transfer(fd, [bytes], 0, (result) => {
      subscriber.next(result)
      subscriber.complete()
    })
  })

/** The outcome of `use$`, once the file is closed. */
const closing = <A>(fd: number, use$: Observable<SystemResult<A>>): Observable<SystemResult<A>> =>
  use$.pipe(
    mergeMap((result) =>
      fsStep((done) => {
        close(fd, done)
      }).pipe(map(() => result)),
    ),
  )
