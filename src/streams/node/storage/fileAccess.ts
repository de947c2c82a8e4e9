import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../../operators/piece/fileMap.js'
import type { FileSpan } from '../../../operators/piece/fileMap.js'
import type { StorageError } from '../../deps.js'
import { cutParts, lengthOf } from '../../disk/parts.js'
import { storageError } from '../../disk/storageError.js'
import type { SystemResult } from '../fsCall.js'
import type { TorrentFiles } from '../torrentFiles.js'
import { readFully } from '../transfer.js'
import type { Gate } from './gate.js'
import type { PartFile } from './partFile.js'
import { isOnDisk } from './tree.js'
import type { Tree } from './tree.js'
import { createWriteQueue } from './writeQueue.js'

export interface AccessOptions {
  readonly tree: Tree
  readonly gate: Gate
  readonly handles: TorrentFiles
  readonly partFile: PartFile
  /** Files whose bytes are in the part file. */
  readonly parted: ReadonlySet<number>
  /** Files written to since the last flush. */
  readonly dirty: Set<number>
  /** Files ever written to. */
  readonly written: Set<number>
  /** Readies a file for its first byte; answers at once where it is ready, and never so where that fails. */
  readonly prepare: (file: number, fd: number, answer: (result: SystemResult<void>) => void) => void
}

/** What is to be moved, and for whom. */
export interface Move {
  readonly operation: 'read' | 'write'
  readonly parts: ReadonlyArray<Uint8Array>
  /** Nobody waits for it any more. */
  readonly isLeft: () => boolean
}

/** Moves all bytes of the parts to or from the stream, over the files that it takes, one after the other; answers once. */
export type Access = (offset: number, move: Move, answer: Answer) => void

type Answer = (result: Either<StorageError, void>) => void

export const createAccess = (options: AccessOptions): Access => {
  const { tree, gate, handles, partFile, parted, dirty, written, prepare } = options
  const put = createWriteQueue({
    prepare: (file, fd, answer) => {
      if (file === tree.files.length) answer(DONE)
      else prepare(file, fd, answer)
    },
    wrote: (file) => {
      dirty.add(file)
      written.add(file)
    },
  })

  /** Does as much as is asked for, and answers once; who has left is not answered. */
  const moveSpan = (move: Move, span: FileSpan, answer: Answer): void => {
    const { operation, parts: all, isLeft } = move
    // Where the bytes are is known only now: it may have changed since the operation began.
    if (gate.isShut()) {
      gate.onceOpen(() => {
        if (!isLeft()) moveSpan(move, span, answer)
      })
      return
    }
    const { file, position, begin, length } = span
    if (parted.has(file)) {
      movePart(move, span, answer)
      return
    }
    handles.lend<void>(file, operation, {
      isLeft,
      run: (fd, done) => {
        const parts = cutParts(all, begin, length)
        if (operation === 'read') readFully(fd, parts, position, done)
        else put(file, { fd, parts, position, isWhole: length === tree.files[file]!.length, answer: done })
      },
      answer: (result) => {
        answer(E.isRight(result) ? DONE : fail(operation, tree.files[file]!.path, result.left))
      },
    })
  }

  const movePart = (move: Move, { file, position, begin, length }: FileSpan, answer: Answer): void => {
    const { operation, parts: all, isLeft } = move
    const { path, offset } = tree.files[file]!
    const index = tree.files.length
    const at = offset + position
    if (operation === 'read' && !partFile.has(at, length)) {
      answer(fail(operation, path, 'ENOENT'))
      return
    }
    const parts = cutParts(all, begin, length)
    handles.lend<void>(index, operation, {
      isLeft,
      run: (fd, done) => {
        if (operation === 'read') {
          readFully(fd, parts, at, done)
          return
        }
        put(index, {
          fd,
          parts,
          position: at,
          isWhole: false,
          answer: (result) => {
            if (E.isRight(result)) partFile.mark(at, length)
            done(result)
          },
        })
      },
      answer: (result) => {
        answer(E.isRight(result) ? DONE : fail(operation, tree.part.path, result.left))
      },
    })
  }

  return (offset, move, answer) => {
    const { operation, parts } = move
    const length = lengthOf(parts)
    const spans = fileSpans(tree.files, offset, length).filter(({ file }) => isOnDisk(tree.files[file]!))
    // Pads, and what is between the files of v2, read as zeros; the caller's memory may have been used before.
    const hasAll = spans.reduce((sum, span) => sum + span.length, 0) === length
    if (operation === 'read' && !hasAll) for (const part of parts) part.fill(0)
    let at = 0
    const next = (last: Either<StorageError, void>): void => {
      if (E.isRight(last) && at < spans.length) moveSpan(move, spans[at++]!, next)
      else answer(last)
    }
    next(DONE)
  }
}

const DONE: Either<never, void> = E.right(undefined)

const fail = (
  operation: 'read' | 'write',
  path: ReadonlyArray<string>,
  code: string,
): Either<StorageError, void> => E.left(storageError(operation, path, code))
