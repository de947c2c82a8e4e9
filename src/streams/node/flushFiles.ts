import { fdatasync } from 'node:fs'
import type { Stats } from 'node:fs'
import { defer, map, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { FlushReach } from '../../operators/resume/syncedPieces.js'
import type { StorageError } from '../deps.js'
import { andThen } from '../disk/andThen.js'
import { inTurn } from '../disk/inTurn.js'
import { settle } from '../disk/settle.js'
import { sideBySide } from '../disk/sideBySide.js'
import { storageError } from '../disk/storageError.js'
import { systemCode } from './fsCall.js'
import type { SystemResult } from './fsCall.js'
import { makeSymlink } from './makeSymlink.js'
import { statOpen } from './statOpen.js'
import { isInTheWay } from './storage/fileCalls.js'
import { fileAt } from './storage/tree.js'
import type { Tree } from './storage/tree.js'
import type { TorrentFiles } from './torrentFiles.js'

export interface FlushContext {
  readonly tree: Tree
  readonly handles: TorrentFiles
  /** Files written to since they were last on the device; those that get there are taken out. */
  readonly dirty: Set<number>
  /** Files that somebody wrote to before, likewise. */
  readonly adopted: Set<number>
  /** Empty files and symlinks yet to be made; those that are made are taken out. */
  readonly bare: Set<number>
  /** Files ever written to, and what of `bare` was made. */
  readonly written: Set<number>
  /** Others are not made. */
  readonly isWanted: (file: number) => boolean
}

/**
 * Files synced at once. A device does several in little more than the time of one; of the four threads that the system's
 * calls have unless told otherwise, one stays free for reads and writes.
 */
const WIDTH = 3

/** Makes what has no bytes to write; on the way to the device, syncs what was written, then the folders. */
export const flushFiles = (
  context: FlushContext,
  reach: FlushReach,
): Observable<Either<StorageError, void>> =>
  defer(() => {
    const bare = [...context.bare].filter(context.isWanted)
    return inTurn(bare.length, (index) => blaming(context, bare[index]!, makeBare)).pipe(
      settle<StorageError, void>(undefined),
      andThen(() => (reach === 'device' ? sync(context) : of(findDeleted(context)))),
    )
  })

const sync = (context: FlushContext): Observable<Either<StorageError, void>> =>
  defer(() => {
    const dirty = [...context.dirty]
    const adopted = [...context.adopted].filter((file) => !context.dirty.has(file))
    return sideBySide(WIDTH, dirty.length + adopted.length, (index) =>
      index < dirty.length
        ? blaming(context, dirty[index]!, syncFile)
        : blaming(context, adopted[index - dirty.length]!, syncAdopted),
    ).pipe(
      settle<StorageError, void>(undefined),
      andThen(() =>
        context.tree.folders.sync().pipe(map(E.mapLeft((code) => storageError('flush', [], code)))),
      ),
    )
  })

/** What is written to a file that nobody can see is lost: of those that are open this is known at once. */
const findDeleted = ({ tree, handles, dirty }: FlushContext): Either<StorageError, void> => {
  for (const index of dirty) {
    const fd = handles.openForWriting(index)
    const links = fd === undefined ? E.right(1) : E.map(linksOf)(statOpen(fd))
    if (E.isRight(links) && links.right > 0) continue
    handles.reopen(index)
    return E.left(storageError('flush', fileAt(tree, index).path, E.isLeft(links) ? links.left : 'ENOENT'))
  }
  return E.right(undefined)
}

const blaming = (
  context: FlushContext,
  index: number,
  act: (context: FlushContext, index: number) => Observable<SystemResult<void>>,
): Observable<Either<StorageError, void>> =>
  act(context, index).pipe(
    map(E.mapLeft((code) => storageError('flush', fileAt(context.tree, index).path, code))),
  )

const makeBare = (context: FlushContext, index: number): Observable<SystemResult<void>> => {
  const { tree, handles, bare, written } = context
  const { path, symlink } = fileAt(tree, index)
  const made$ =
    symlink === undefined
      ? // Opening it for writing is all that it takes.
        handles.use<void>(index, 'write', (_fd, answer) => {
          answer(E.right(undefined))
        })
      : makeSymlink(tree.folders, path, symlink)
  return made$.pipe(
    map((result) => {
      if (E.isRight(result)) {
        bare.delete(index)
        written.add(index)
      }
      return result
    }),
  )
}

/** For the sake of its bytes alone: if it is gone, or another thing is in its place, the next start sees that. */
const syncAdopted = ({ handles, adopted }: FlushContext, index: number): Observable<SystemResult<void>> =>
  handles
    .use<void>(index, 'read', (fd, answer) => {
      fdatasync(fd, (failure) => {
        answer(failure === null ? E.right(undefined) : E.left(systemCode(failure)))
      })
    })
    .pipe(
      map((result) => {
        const isGone = E.isLeft(result) && (result.left === 'ENOENT' || isInTheWay(result.left))
        const settled = isGone ? E.right(undefined) : result
        if (E.isRight(settled)) adopted.delete(index)
        return settled
      }),
    )

const linksOf = ({ nlink }: Stats): number => nlink

const syncFile = ({ handles, dirty }: FlushContext, index: number): Observable<SystemResult<void>> =>
  defer(() => {
    // What is written from here on is for the next flush.
    dirty.delete(index)
    return handles
      .use<number>(index, 'write', (fd, answer) => {
        fdatasync(fd, (failure) => {
          answer(failure === null ? E.map(linksOf)(statOpen(fd)) : E.left(systemCode(failure)))
        })
      })
      .pipe(
        map((links) => {
          const result = E.chain((count: number) => (count === 0 ? E.left('ENOENT') : E.right(undefined)))(
            links,
          )
          if (E.isLeft(result)) {
            dirty.add(index)
            // Deleted while open: the bytes went to a file that nobody can see.
            handles.reopen(index)
          }
          return result
        }),
      )
  })
