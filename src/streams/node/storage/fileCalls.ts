import { link, lstat, readlink, rename, rmdir, unlink } from 'node:fs'
import type { Stats } from 'node:fs'
import { map, of, tap } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import { andThen, orElse } from '../../disk/andThen.js'
import type { Folders } from '../folders.js'
import { fail, fsCall, fsStep, succeed } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'

export const lstatOf = (path: string): Observable<SystemResult<Stats>> =>
  fsCall<Stats>((done) => {
    lstat(path, done)
  })

export const readLink = (path: string): Observable<SystemResult<string>> =>
  fsCall<string>((done) => {
    readlink(path, done)
  })

export const removeFile = (path: string): Observable<SystemResult<void>> =>
  fsStep((done) => {
    unlink(path, done)
  })

export const removeFolder = (path: string): Observable<SystemResult<void>> =>
  fsStep((done) => {
    rmdir(path, done)
  })

export const linkFile = (from: string, to: string): Observable<SystemResult<void>> =>
  fsStep((done) => {
    link(from, to, done)
  })

export const renameFile = (from: string, to: string): Observable<SystemResult<void>> =>
  fsStep((done) => {
    rename(from, to, done)
  })

/** Nothing is there, which is as good as done. */
export const unlessAbsent = (result$: Observable<SystemResult<void>>): Observable<SystemResult<void>> =>
  result$.pipe(orElse((code) => (code === 'ENOENT' ? succeed() : fail(code))))

/**
 * What is known of the regular file at `path`, below the root of `folders`; undefined where nothing is. All else that may
 * be there is a failure: a symlink `ELOOP`, a file in the place of a folder `ENOTDIR`, a folder or device `EEXIST`.
 * `onNoFolder` hears of it when the folder that would hold the file is not there either.
 */
export const regularAt = (
  folders: Folders,
  path: ReadonlyArray<string>,
  onNoFolder: () => void = ignore,
): Observable<SystemResult<Stats | undefined>> =>
  folders.check(path, false).pipe(
    tap((answer) => {
      if (E.isLeft(answer) && answer.left === 'ENOENT') onNoFolder()
    }),
    andThen(() => lstatOf(folders.pathOf(path))),
    andThen<string, Stats, Stats | undefined>((stats) =>
      stats.isFile() ? of(E.right(stats)) : fail(stats.isSymbolicLink() ? 'ELOOP' : 'EEXIST'),
    ),
    orElse<string, Stats | undefined>((code) => (code === 'ENOENT' ? of(E.right(undefined)) : fail(code))),
  )

const ignore = (): void => undefined

/** Whether it is the answer of `regularAt` that something else is in the file's place, or in that of a folder above. */
export const isInTheWay = (code: string): boolean => OTHERS.has(code)

const OTHERS = new Set(['ELOOP', 'ENOTDIR', 'EEXIST'])

/** Fails with `EEXIST` if anything at all is there. */
export const ensureFree = (path: string): Observable<SystemResult<void>> =>
  lstatOf(path).pipe(
    map((found) => (E.isRight(found) ? E.left('EEXIST') : E.right(found.left))),
    andThen((code) => (code === 'ENOENT' ? succeed() : fail(code))),
  )
