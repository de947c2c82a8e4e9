import { close, constants, lstat, open } from 'node:fs'
import type { Stats } from 'node:fs'
import { map, Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { StorageFile } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { fsCall, succeed, systemCode } from './fsCall.js'
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
 * Opens a regular file of the torrent below the root of `folders`. Answers once with the descriptor, which is the
 * caller's to close, or a system code. In one stage where the folder is known: a torrent may have ten thousand files.
 */
export const openFile = (
  folders: Folders,
  file: StorageFile,
  mode: OpenMode,
): Observable<SystemResult<number>> =>
  new Observable((subscriber) => {
    const path = folders.pathOf(file.path)
    const end = (answer: SystemResult<number>): void => {
      if (E.isRight(answer) && mode === 'write') folders.touch(file.path)
      // A folder that was there has gone: what is known of the tree is out of date.
      if (E.isLeft(answer)) folders.forget()
      subscriber.next(answer)
      subscriber.complete()
    }
    const openIt = (): void => {
      open(path, FLAGS[mode], file.isExecutable ? 0o777 : 0o666, (error, fd) => {
        if (error !== null) end(E.left(systemCode(error)))
        // Who has left would never close it. Without a callback, what fails would be thrown.
        else if (subscriber.closed) close(fd, () => undefined)
        else onlyRegular(fd, end)
      })
    }
    if (folders.isKnown(file.path) && !IS_WINDOWS) {
      openIt()
      return undefined
    }
    return folders
      .check(file.path, mode === 'write')
      .pipe(andThen(() => refuseLink(path)))
      .subscribe({
        next: (checked) => {
          if (E.isRight(checked)) openIt()
          else end(checked)
        },
        error: (thrown: unknown) => {
          subscriber.error(thrown)
        },
      })
  })

const IS_WINDOWS = process.platform === 'win32'

/** Windows has no `O_NOFOLLOW`. */
const refuseLink = (path: string): Observable<SystemResult<void>> =>
  !IS_WINDOWS
    ? succeed()
    : fsCall<Stats>((done) => {
        lstat(path, done)
      }).pipe(
        map((answer) =>
          E.isRight(answer) && answer.right.isSymbolicLink() ? E.left('ELOOP') : E.right(undefined),
        ),
      )

const onlyRegular = (fd: number, answer: (result: SystemResult<number>) => void): void => {
  const stats = statOpen(fd)
  if (E.isRight(stats) && stats.right.isFile()) {
    answer(E.right(fd))
    return
  }
  close(fd, (failure) => {
    answer(E.left(failure !== null ? systemCode(failure) : E.isLeft(stats) ? stats.left : 'EEXIST'))
  })
}
