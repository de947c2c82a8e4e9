import type { Stats } from 'node:fs'
import { defer, map, mergeMap, of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { PRIVATE_FOLDER } from '../../../codecs/privateFolder.js'
import { andThen, orElse } from '../../disk/andThen.js'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import { CLOSED, storageError } from '../../disk/storageError.js'
import type { MoveProgress, StorageError, StorageFile } from '../../deps.js'
import type { Folders } from '../folders.js'
import { fail, succeed } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import { linkText, makeSymlink } from '../makeSymlink.js'
import { copyFile } from './copyFile.js'
import { lstatOf, readLink, regularAt, removeFile, renameFile, unlessAbsent } from './fileCalls.js'
import { readJournal, removeJournal, writeJournal } from './moveJournal.js'
import type { MoveJournal } from './moveJournal.js'
import { placedBefore } from './placedBefore.js'
import type { Placed } from './placedBefore.js'
import { addName, placeFile } from './placeFile.js'
import { pruneFolders } from './pruneFolders.js'
import { realFolder } from './realFolder.js'
import { resumePath } from './tree.js'
import type { Tree } from './tree.js'

export interface MoveRequest {
  readonly tree: Tree
  /** The torrent's. */
  readonly id: string
  /** The folder to move to. */
  readonly to: string
  /** Of that folder. */
  readonly folders: Folders
  /** Whether holes may stay holes. */
  readonly isSparse: boolean
  readonly isCancelled: () => boolean
  readonly report: (progress: MoveProgress) => void
}

/** A name to be had in the other folder. */
interface Item {
  readonly file: StorageFile
  /** Bytes; a symlink has none. */
  readonly size: number
  /** Of a copy that is complete, and has yet to get its name. */
  copy: string | undefined
  /** The old name is gone. */
  isGone: boolean
  /** It has the new name from an attempt that was broken off. */
  readonly placed: Placed | undefined
}

type Step = Observable<Either<StorageError, void>>

/**
 * Gives every file its name in the other folder too, by a link or by a complete copy; when all that is on the device,
 * takes the old names away. Until then everything can be taken back, and is, if anything fails or it is cancelled;
 * a file that somebody has put in the other folder is never touched. Who cancels later is too late.
 *
 * A move that a kill has broken off goes on where it was when it is asked for again: its journal tells what it had placed.
 *
 * For one who is alone with the files; `tree` does not change.
 */
export const moveFiles = (request: MoveRequest): Step =>
  defer(() => {
    const { tree, id, to, folders, isCancelled, report } = request
    const items: Item[] = []
    const undo: Array<() => Observable<SystemResult<void>>> = []
    let totalBytes = 0
    let movedBytes = 0
    let reportedBytes = 0
    let isPastUndo = false
    const real = realFolder(to)
    let journal: MoveJournal | undefined
    const sizes: number[] = []
    /** There was none: what it tells of can be taken back. */
    let isOwnJournal = false

    const advance = (bytes: number): void => {
      movedBytes += bytes
      // Two hundred reports are as good as a million.
      if (movedBytes - reportedBytes < totalBytes / 200) return
      reportedBytes = movedBytes
      report({ movedBytes, totalBytes, isDone: false })
    }
    const blame = (file: StorageFile, step$: Observable<SystemResult<void>>): Step =>
      step$.pipe(map(E.mapLeft((code) => storageError('move', file.path, code))))
    const forEach = (step: (item: Item, index: number) => Observable<SystemResult<void>>): Step =>
      inTurn(items.length, (index) => {
        const item = items[index]!
        return blame(item.file, isCancelled() && !isPastUndo ? fail(CLOSED) : step(item, index))
      }).pipe(settle<StorageError, void>(undefined))

    const plan = (file: StorageFile, index: number): Observable<SystemResult<void>> => {
      sizes.push(-1)
      if (file.isPad) return succeed()
      const isLink = file.symlink !== undefined
      const source$ = isLink ? ownLinkAt(tree.folders, file) : regularAt(tree.folders, file.path)
      const add = (source: Stats | undefined, placed: Placed | undefined): void => {
        if (source === undefined) return
        const size = isLink ? 0 : source.size
        totalBytes += size
        items.push({ file, size, copy: undefined, isGone: false, placed })
      }
      return source$.pipe(
        andThen((source) =>
          folders.check(file.path, false).pipe(
            andThen(() => lstatOf(folders.pathOf(file.path))),
            mergeMap((found): Observable<SystemResult<void>> => {
              if (E.isLeft(found)) {
                if (found.left !== 'ENOENT') return fail(found.left)
                if (source !== undefined) sizes[index] = isLink ? 0 : source.size
                add(source, undefined)
                return succeed()
              }
              const target = found.right
              return (isLink ? linkBefore(file) : before(file, index, source, target)).pipe(
                andThen((placed) => {
                  if (placed === 'other') return fail('EEXIST')
                  sizes[index] = isLink ? 0 : target.size
                  add(source, placed)
                  return succeed()
                }),
              )
            }),
          ),
        ),
      )
    }

    const before = (
      file: StorageFile,
      index: number,
      source: Stats | undefined,
      target: Stats,
    ): Observable<SystemResult<Placed>> =>
      placedBefore({
        source,
        target,
        from: tree.folders.pathOf(file.path),
        to: folders.pathOf(file.path),
        size: journal?.sizes[index],
      })

    const linkBefore = (file: StorageFile): Observable<SystemResult<Placed>> =>
      journal === undefined
        ? of(E.right<string, Placed>('other'))
        : ownLinkAt(folders, file).pipe(
            map(E.map((found): Placed => (found === undefined ? 'other' : 'moved'))),
          )

    const stage = (item: Item, index: number): Observable<SystemResult<void>> => {
      const { file, size } = item
      const target = folders.pathOf(file.path)
      const source = tree.folders.pathOf(file.path)
      const takeBack = (): void => {
        undo.push(() => (item.isGone ? placeFile(target, source) : removeFile(target)))
        folders.touch(file.path)
      }
      if (item.placed !== undefined) {
        // Without a journal somebody else may have made the link.
        if (item.placed === 'linked' && journal !== undefined) takeBack()
        advance(size)
        return succeed()
      }
      if (file.symlink !== undefined) {
        return makeSymlink(folders, file.path, file.symlink).pipe(map(E.map(takeBack)))
      }
      return folders.check(file.path, true).pipe(
        andThen(() => addName(source, target)),
        map(
          E.map((isGone) => {
            item.isGone = isGone
            takeBack()
            advance(size)
          }),
        ),
        orElse((code) => (code === 'EXDEV' ? copy(item, index) : fail(code))),
      )
    }

    const copy = (item: Item, index: number): Observable<SystemResult<void>> => {
      const path = [PRIVATE_FOLDER, `${id}.${String(index)}.moving`]
      const target = folders.pathOf(path)
      return folders.check(path, true).pipe(
        // What is left of an attempt that the power ended.
        andThen(() => unlessAbsent(removeFile(target))),
        andThen(() => {
          undo.push(() => unlessAbsent(removeFile(target)))
          return copyFile(tree.folders.pathOf(item.file.path), target, { ...request, onProgress: advance })
        }),
        map(
          E.map(() => {
            item.copy = target
          }),
        ),
      )
    }

    const place = ({ file, copy: from }: Item): Observable<SystemResult<void>> => {
      if (from === undefined) return succeed()
      const target = folders.pathOf(file.path)
      return folders.check(file.path, true).pipe(
        andThen(() => placeFile(from, target)),
        map(
          E.map(() => {
            undo.push(() => removeFile(target))
            folders.touch(file.path)
          }),
        ),
      )
    }

    /** Once an old name is gone there is no way back: one that cannot be taken away then stays, a copy too many. */
    const leave = (item: Item): Observable<SystemResult<void>> =>
      (item.isGone ? succeed() : removeFile(tree.folders.pathOf(item.file.path))).pipe(
        map((result) => {
          if (E.isRight(result)) isPastUndo = true
          return isPastUndo ? E.right(undefined) : result
        }),
      )

    const takeResume = (): Observable<SystemResult<void>> => {
      const path = resumePath(id)
      const source = tree.folders.pathOf(path)
      return regularAt(tree.folders, path).pipe(
        andThen((found) => (found === undefined ? fail('ENOENT') : folders.check(path, true))),
        andThen(() => renameFile(source, folders.pathOf(path))),
        // Another device gets a new one in time.
        orElse((code) => (code === 'EXDEV' ? removeFile(source) : succeed())),
        orElse(succeed),
      )
    }

    const rollBack = (error: StorageError): Step => {
      const steps = undo.reverse()
      return inTurn(steps.length, (index) => steps[index]!().pipe(orElse(succeed))).pipe(
        settle<string, void>(undefined),
        andThen(() => folders.unmake()),
        andThen(() => (isOwnJournal ? removeJournal(tree, id) : succeed())),
        andThen(() => pruneFolders(tree.folders, [tree.part.path])),
        map(() => E.left(error)),
      )
    }

    const entries = [...tree.files, tree.part]
    tree.folders.forget()
    const planned$ = blame(
      tree.part,
      readJournal(tree, id, real).pipe(
        map(
          E.map((found) => {
            journal = found
          }),
        ),
      ),
    ).pipe(
      andThen(() =>
        inTurn(entries.length, (index) => blame(entries[index]!, plan(entries[index]!, index))).pipe(
          settle<StorageError, void>(undefined),
        ),
      ),
      andThen(() => {
        if (items.length === 0) return blame(tree.part, succeed())
        isOwnJournal = journal === undefined
        return blame(tree.part, writeJournal(tree, id, { to: real, sizes }))
      }),
    )
    return planned$.pipe(
      andThen(() => {
        report({ movedBytes, totalBytes, isDone: false })
        return forEach(stage)
      }),
      andThen(() => forEach(place)),
      andThen(() => folders.sync().pipe(map(E.mapLeft((code) => storageError('move', [], code))))),
      andThen(() => forEach(leave)),
      orElse(rollBack),
      andThen<StorageError, void, void>(() => {
        const paths = [...tree.files.filter(({ isPad }) => !isPad).map(({ path }) => path), tree.part.path]
        return takeResume().pipe(
          andThen(() => removeJournal(tree, id)),
          andThen(() => pruneFolders(tree.folders, paths)),
          andThen(() => pruneFolders(folders, [tree.part.path])),
          map(() => E.right(undefined)),
        )
      }),
    )
  })

/** The symlink of the torrent, if it is the one that we would make. */
const ownLinkAt = (
  folders: Folders,
  { path, symlink = [] }: StorageFile,
): Observable<SystemResult<Stats | undefined>> => {
  const link = folders.pathOf(path)
  return folders.check(path, false).pipe(
    andThen(() => readLink(link)),
    andThen<string, string, Stats>((text) =>
      text === linkText(path, symlink) ? lstatOf(link) : fail('ENOENT'),
    ),
    orElse<string, Stats | undefined>(() => of(E.right(undefined))),
  )
}
