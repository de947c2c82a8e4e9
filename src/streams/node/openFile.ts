import { close, constants, lstat, open } from 'node:fs'
import type { Stats } from 'node:fs'
import { join } from 'node:path'
import { map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { StorageFile } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { fail, fsCall, fsStep, succeed } from './fsCall.js'
import type { SystemResult } from './fsCall.js'
import type { Folders } from './folders.js'
import { statOpen } from './statOpen.js'

/** Read: the file must exist. Write: it is created where it does not, never truncated; good for reading too. */
export type OpenMode = 'read' | 'write'

/** Never through a symlink, and never waiting for the other end of a pipe that somebody put in the file's place. */
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK

const FLAGS: Readonly<Record<OpenMode, number>> = {
  read: constants.O_RDONLY | SAFELY,
  write: constants.O_RDWR | constants.O_CREAT | SAFELY,
}

/**
 * Opens a regular file of the torrent below `root`. Answers once with the descriptor, which is the caller's to close,
 * or a system code.
 */
export const openFile = (
  root: string,
  folders: Folders,
  file: StorageFile,
  mode: OpenMode,
): Observable<SystemResult<number>> => {
  const path = join(root, ...file.path)
  const permissions = file.isExecutable ? 0o777 : 0o666
  return folders.check(file.path, mode === 'write').pipe(
    andThen(() => refuseLink(path)),
    andThen(() =>
      fsCall<number>((done) => {
        open(path, FLAGS[mode], permissions, done)
      }),
    ),
    andThen(onlyRegular),
    map((answer) => {
      if (E.isRight(answer) && mode === 'write') folders.touch(file.path)
      // A folder that was there has gone: what is known of the tree is out of date.
      if (E.isLeft(answer)) folders.forget()
      return answer
    }),
  )
}

/** Windows has no `O_NOFOLLOW`. */
const refuseLink = (path: string): Observable<SystemResult<void>> =>
  process.platform !== 'win32'
    ? succeed()
    : fsCall<Stats>((done) => {
        lstat(path, done)
      }).pipe(
        map((answer) =>
          E.isRight(answer) && answer.right.isSymbolicLink() ? E.left('ELOOP') : E.right(undefined),
        ),
      )

const onlyRegular = (fd: number): Observable<SystemResult<number>> => {
  const stats = statOpen(fd)
  if (E.isRight(stats) && stats.right.isFile()) return of(E.right(fd))
  return fsStep((done) => {
    close(fd, done)
  }).pipe(andThen<string, void, number>(() => fail(E.isLeft(stats) ? stats.left : 'EEXIST')))
}
