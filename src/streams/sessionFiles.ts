import { defer, EMPTY, endWith, filter, map, merge, scan, takeWhile, tap, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { SessionCommand } from '../operators/session/command.js'
import type { StorageOpEvent } from '../operators/session/event.js'
import type { Notice } from '../operators/session/notice.js'
import type { MoveProgress, StorageError } from './deps.js'

/** What can be done with the files of a session. Each is cold: a subscription asks for it, and keeps the session running. */
export interface SessionFiles {
  /**
   * Moves the data to another folder while the session goes on; what is read and written meanwhile waits. Tells how far
   * it is, with `isDone` at the end, then completes; a `Left` is the end, and everything is where it was.
   * Unsubscribing takes it back, unless the old files are being taken away already: then it goes on to its end. The
   * session stays with the folder when it is left and subscribed to anew; a new session is to be made with it.
   *
   * @example
   * ```ts
   * torrent.move('/mnt/archive').subscribe((step) => {
   *   if (E.isRight(step)) console.log(step.right.movedBytes, 'of', step.right.totalBytes)
   * })
   * ```
   */
  readonly move: (directory: string) => Observable<Either<StorageError, MoveProgress>>
  /**
   * Gives a file, by its index in `metainfo.files`, another path below the folder; `files$` shows it, and with resume data
   * later sessions find it there. Where a torrent could not have the path, or somebody else has it, it is a `conflict`.
   * Where resume data are kept it waits for the first check. Answers once.
   *
   * @example
   * ```ts
   * torrent.rename(0, ['films', 'a better name.mkv']).subscribe((answer) => console.log(answer._tag))
   * ```
   */
  readonly rename: (file: number, path: ReadonlyArray<string>) => Observable<Either<StorageError, void>>
  /**
   * Stops the session and deletes its files, its folders where that leaves them empty, and nothing else. A file of
   * priority 0 is its own where the session wrote to it, or has a piece of it: another that lies there stays. Answers once.
   */
  readonly removeData: () => Observable<Either<StorageError, void>>
  /** Closes what is open; it is opened again when it is needed. */
  readonly releaseHandles: () => void
}

let lastId = 0

export const sessionFiles = (
  alert$: Observable<Notice>,
  send: (command: SessionCommand) => void,
): SessionFiles => {
  /** Sends a command, and tells what is said of it: up to the first `Left`, or until `isLast`. */
  const ask = (
    operation: StorageError['operation'],
    command: (id: number) => SessionCommand,
    isLast: (event: StorageOpEvent) => boolean,
    onLeave: (id: number) => void = () => undefined,
  ): Observable<Either<StorageError, StorageOpEvent>> =>
    defer(() => {
      const id = --lastId
      const over: StorageError = { _tag: 'StorageError', kind: 'closed', operation, file: '', code: '' }
      let isOver = false
      const answer$ = alert$.pipe(
        filter((notice) => isAbout(id)(notice) || isRefusal(id, notice)),
        map((notice) => {
          if (!isAbout(id)(notice)) return E.left<StorageError>({ ...over, kind: 'conflict', code: 'EINVAL' })
          return notice._tag === 'StorageOpFailed' ? E.left(notice.error) : E.right(notice)
        }),
        // The session has ended before.
        endWith(E.left(over)),
        takeWhile((answer) => E.isRight(answer) && !isLast(answer.right), true),
        tap({
          complete: () => {
            isOver = true
          },
          finalize: () => {
            if (!isOver) onLeave(id)
          },
        }),
      )
      const asked$ = defer(() => {
        send(command(id))
        return EMPTY
      })
      return merge(answer$, asked$)
    })
  const once = (
    operation: StorageError['operation'],
    command: (id: number) => SessionCommand,
  ): Observable<Either<StorageError, void>> =>
    ask(operation, command, () => true).pipe(map(E.map(() => undefined)))

  return {
    move: (directory) =>
      ask(
        'move',
        (id) => ({ _tag: 'MoveStorage', id, directory }),
        ({ _tag }) => _tag === 'StorageMoved',
        (id) => {
          send({ _tag: 'CancelMove', id })
        },
      ).pipe(
        scan<Either<StorageError, StorageOpEvent>, Either<StorageError, MoveProgress>>(
          (before, answer) => E.map((event: StorageOpEvent) => progressOf(event, before))(answer),
          E.right({ movedBytes: 0, totalBytes: 0, isDone: false }),
        ),
      ),
    rename: (file, path) => once('rename', (id) => ({ _tag: 'RenameFile', id, file, path })),
    removeData: () => once('remove', (id) => ({ _tag: 'RemoveData', id })),
    releaseHandles: () => {
      send({ _tag: 'ReleaseHandles' })
    },
  }
}

const progressOf = (event: StorageOpEvent, before: Either<StorageError, MoveProgress>): MoveProgress => {
  if (event._tag === 'MoveProgressed') {
    return { movedBytes: event.movedBytes, totalBytes: event.totalBytes, isDone: false }
  }
  const totalBytes = E.isRight(before) ? before.right.totalBytes : 0
  return { movedBytes: totalBytes, totalBytes, isDone: true }
}

const isAbout =
  (id: number) =>
  (notice: Notice): notice is StorageOpEvent => {
    switch (notice._tag) {
      case 'MoveProgressed':
      case 'StorageMoved':
      case 'FileRenamed':
      case 'DataRemoved':
      case 'StorageOpFailed':
        return notice.id === id
      default:
        return false
    }
  }

/** A command that made no sense is answered by nothing else. */
const isRefusal = (id: number, notice: Notice): boolean =>
  notice._tag === 'CommandRefused' && 'id' in notice.command && notice.command.id === id
