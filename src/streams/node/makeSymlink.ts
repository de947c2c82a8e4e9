import { readlink, symlink } from 'node:fs'
import { map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { StorageFile } from '../deps.js'
import { andThen, orElse } from '../disk/andThen.js'
import { fail, fsCall, fsStep, succeed } from './fsCall.js'
import type { SystemResult } from './fsCall.js'
import type { Folders } from './folders.js'

/**
 * Makes the symlink that an entry of the torrent stands for: relative, and only to a place below the root. One that is
 * there already is left alone if it is the same, and is `EEXIST` if not.
 */
export const makeSymlink = (
  folders: Folders,
  path: StorageFile['path'],
  target: ReadonlyArray<string>,
): Observable<SystemResult<void>> => {
  if (!target.every(isPlainName)) return fail('ELOOP')
  const link = folders.pathOf(path)
  const text = linkText(path, target)
  return folders.check(path, true).pipe(
    andThen(() =>
      fsStep((done) => {
        symlink(text, link, done)
      }),
    ),
    andThen(() => {
      folders.touch(path)
      return succeed()
    }),
    orElse((code) => (code === 'EEXIST' ? isLinkTo(link, text) : fail(code))),
  )
}

const isLinkTo = (link: string, text: string): Observable<SystemResult<void>> =>
  fsCall<string>((done) => {
    readlink(link, done)
  }).pipe(map((found) => (E.isRight(found) && found.right === text ? E.right(undefined) : E.left('EEXIST'))))

/** From the folder that holds `path`, over the folders that the two do not share. */
export const linkText = (path: ReadonlyArray<string>, target: ReadonlyArray<string>): string => {
  let shared = 0
  while (shared < path.length - 1 && path[shared] === target[shared]) shared += 1
  return [...Array<string>(path.length - 1 - shared).fill('..'), ...target.slice(shared)].join('/')
}

const isPlainName = (name: string): boolean =>
  name !== '' && name !== '.' && name !== '..' && !/[/\\\0]/.test(name)
