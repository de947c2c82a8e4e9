import { fdatasync } from 'node:fs'
import { defer, map } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { andThen, orElse } from '../../disk/andThen.js'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import { storageError } from '../../disk/storageError.js'
import type { StorageError, StorageFile } from '../../deps.js'
import { fail, succeed, systemCode } from '../fsCall.js'
import type { SystemResult } from '../fsCall.js'
import type { TorrentFiles } from '../torrentFiles.js'
import { readFully, writeFully } from '../transfer.js'
import { regularAt, removeFile, unlessAbsent } from './fileCalls.js'
import type { PartFile } from './partFile.js'
import { pruneFolders } from './pruneFolders.js'
import { hasBytes } from './tree.js'
import type { Tree } from './tree.js'

export interface Selection {
  readonly tree: Tree
  readonly handles: TorrentFiles
  readonly partFile: PartFile
  /** Files whose bytes are in the part file. */
  readonly parted: Set<number>
  /** Files that were made to take their bytes out of the part file, and have not got all of them yet. */
  readonly filling: Set<number>
  /** Files ever written to. */
  readonly written: Set<number>
  /** Readies a file for its first byte: what must come before any is written to it. */
  readonly prepare: (file: number, fd: number, answer: (result: SystemResult<void>) => void) => void
}

/** Copied at a time. */
const STEP_BYTES = 1024 * 1024

/**
 * Lets the part file stand for what is not wanted and not there, and no longer for what is wanted: its bytes go to
 * the file, and are on the device before the part file goes. That goes with the last file that it stood for. A file
 * that somebody else has put in place meanwhile is the truth: nothing is written to it. For one who is alone with the
 * files; where it fails, what is done is done, and it may be tried again.
 */
export const selectFiles = (
  selection: Selection,
  wanted: ReadonlyArray<boolean>,
): Observable<Either<StorageError, void>> =>
  defer(() => {
    const { tree, parted } = selection
    const change = (index: number): Observable<Either<StorageError, void>> => {
      const file = tree.files[index]!
      const change$ =
        (wanted[index] ?? true)
          ? parted.has(index)
            ? takeOut(selection, index)
            : succeed()
          : parted.has(index) || !hasBytes(file)
            ? succeed()
            : partIfAbsent(selection, index)
      return blame(file, change$)
    }
    return inTurn(tree.files.length, change).pipe(
      settle<StorageError, void>(undefined),
      andThen(() => blame(tree.part, parted.size > 0 ? succeed() : dropPartFile(selection))),
    )
  })

const blame = (
  { path }: StorageFile,
  step$: Observable<SystemResult<void>>,
): Observable<Either<StorageError, void>> =>
  step$.pipe(map(E.mapLeft((code) => storageError('open', path, code))))

/** The part file stands for what is not there. What stands in the file's way does not have to go for it. */
export const partIfAbsent = (
  { tree: { folders, files }, parted }: Pick<Selection, 'tree' | 'parted'>,
  index: number,
): Observable<SystemResult<void>> => {
  folders.forget()
  return regularAt(folders, files[index]!.path).pipe(
    map((found) => {
      if (E.isLeft(found) || found.right === undefined) parted.add(index)
      return E.right(undefined)
    }),
  )
}

const takeOut = (selection: Selection, index: number): Observable<SystemResult<void>> => {
  const {
    tree: { folders, files },
    handles,
    partFile,
    parted,
    filling,
  } = selection
  const file = files[index]!
  const runs = partFile.runs(file)
  folders.forget()
  // What is open may be a file that is gone.
  if (!filling.has(index)) handles.reopen(index)
  const out$ =
    runs.length === 0
      ? succeed()
      : regularAt(folders, file.path).pipe(
          andThen((found) =>
            found === undefined || filling.has(index) ? fillFile(selection, index, runs) : succeed(),
          ),
        )
  return out$.pipe(
    map((result) => {
      if (E.isRight(result)) {
        parted.delete(index)
        filling.delete(index)
      }
      return result
    }),
  )
}

const fillFile = (
  selection: Selection,
  index: number,
  runs: ReturnType<PartFile['runs']>,
): Observable<SystemResult<void>> => {
  const { tree, handles, filling, written, prepare } = selection
  return handles
    .use<void>(index, 'write', (fd, answer) => {
      filling.add(index)
      written.add(index)
      prepare(index, fd, answer)
    })
    .pipe(
      andThen(() =>
        inTurn(runs.length, (run) => copyRun(selection, index, runs[run]!.begin, runs[run]!.end)).pipe(
          settle<string, void>(undefined),
        ),
      ),
      andThen(() => syncFile(handles, index)),
      andThen(() => tree.folders.sync()),
    )
}

/** One run of bytes, from the part file to the file. What should be there and is not comes from the peers again. */
const copyRun = (
  { tree, handles }: Selection,
  index: number,
  begin: number,
  end: number,
): Observable<SystemResult<void>> => {
  const { offset } = tree.files[index]!
  const bytes = new Uint8Array(Math.min(STEP_BYTES, end - begin))
  return inTurn(Math.ceil((end - begin) / STEP_BYTES), (step) => {
    const at = begin + step * STEP_BYTES
    const part = bytes.subarray(0, Math.min(STEP_BYTES, end - at))
    return handles
      .use<void>(tree.files.length, 'read', (fd, answer) => {
        readFully(fd, [part], at, answer)
      })
      .pipe(
        andThen(() =>
          handles.use<void>(index, 'write', (fd, answer) => {
            writeFully(fd, [part], at - offset, answer)
          }),
        ),
        orElse((code) => (code === 'EOF' ? succeed() : fail(code))),
      )
  }).pipe(settle<string, void>(undefined))
}

const syncFile = (handles: TorrentFiles, index: number): Observable<SystemResult<void>> =>
  handles.use<void>(index, 'write', (fd, answer) => {
    fdatasync(fd, (error) => {
      answer(error === null ? E.right(undefined) : E.left(systemCode(error)))
    })
  })

const dropPartFile = ({ tree, handles, partFile }: Selection): Observable<SystemResult<void>> => {
  const { folders, part, files } = tree
  handles.reopen(files.length)
  partFile.clear()
  return folders.check(part.path, false).pipe(
    andThen(() => unlessAbsent(removeFile(folders.pathOf(part.path)))),
    andThen(() => pruneFolders(folders, [part.path])),
    // No such folder, or none of ours.
    orElse((code) => (NOT_OURS.has(code) ? succeed() : fail(code))),
  )
}

const NOT_OURS = new Set(['ENOENT', 'ELOOP', 'ENOTDIR', 'EISDIR'])
