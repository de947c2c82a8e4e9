import { of } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../../operators/piece/fileMap.js'
import type { FileSpan } from '../../../operators/piece/fileMap.js'
import type { StorageError } from '../../deps.js'
import { inTurn } from '../../disk/inTurn.js'
import { cutParts, lengthOf } from '../../disk/parts.js'
import { settle } from '../../disk/settle.js'
import { storageError } from '../../disk/storageError.js'
import type { SystemResult } from '../fsCall.js'
import { createLanes } from '../lanes.js'
import type { TorrentFiles } from '../torrentFiles.js'
import { readFully, writeFully } from '../transfer.js'
import type { Gate } from './gate.js'
import type { PartFile } from './partFile.js'
import { isOnDisk } from './tree.js'
import type { Tree } from './tree.js'

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
  /** Files that are ready for their first byte. */
  readonly isReady: (file: number) => boolean
  readonly prepare: (file: number, fd: number, answer: (result: SystemResult<void>) => void) => void
}

/** Moves all bytes of `parts` to or from the stream, over the files that it takes, one after the other. */
export type Access = (
  operation: 'read' | 'write',
  offset: number,
  parts: ReadonlyArray<Uint8Array>,
) => Observable<Either<StorageError, void>>

export const createAccess = (options: AccessOptions): Access => {
  const { tree, gate, handles, partFile, parted, dirty, written, isReady, prepare } = options
  const inLane = createLanes()

  const put = (
    file: number,
    fd: number,
    parts: ReadonlyArray<Uint8Array>,
    position: number,
    done: () => void,
    answer: (result: SystemResult<void>) => void,
  ): void => {
    writeFully(fd, parts, position, (result) => {
      dirty.add(file)
      written.add(file)
      done()
      answer(result)
    })
  }

  const moveSpan = (
    operation: 'read' | 'write',
    all: ReadonlyArray<Uint8Array>,
    span: FileSpan,
  ): Observable<Either<StorageError, void>> => {
    // Where the bytes are is known only now: it may have changed since the operation began.
    if (gate.isShut()) return gate.whenOpen(() => moveSpan(operation, all, span))
    const { file, position, begin, length } = span
    if (parted.has(file)) return movePart(operation, all, span)
    return handles.useOr<StorageError, void>(
      file,
      operation,
      (fd, answer) => {
        const parts = cutParts(all, begin, length)
        if (operation === 'read') {
          readFully(fd, parts, position, answer)
          return
        }
        inLane(file, (done) => {
          if (isReady(file)) put(file, fd, parts, position, done, answer)
          else {
            prepare(file, fd, (result) => {
              if (E.isRight(result)) put(file, fd, parts, position, done, answer)
              else {
                done()
                answer(result)
              }
            })
          }
        })
      },
      (code) => storageError(operation, tree.files[file]!.path, code),
    )
  }

  const movePart = (
    operation: 'read' | 'write',
    all: ReadonlyArray<Uint8Array>,
    { file, position, begin, length }: FileSpan,
  ): Observable<Either<StorageError, void>> => {
    const { path, offset } = tree.files[file]!
    const index = tree.files.length
    const at = offset + position
    const parts = cutParts(all, begin, length)
    if (operation === 'read' && !partFile.has(at, length)) {
      return of(E.left(storageError(operation, path, 'ENOENT')))
    }
    return handles.useOr<StorageError, void>(
      index,
      operation,
      (fd, answer) => {
        if (operation === 'read') {
          readFully(fd, parts, at, answer)
          return
        }
        inLane(index, (done) => {
          put(index, fd, parts, at, done, (result) => {
            if (E.isRight(result)) partFile.mark(at, length)
            answer(result)
          })
        })
      },
      (code) => storageError(operation, tree.part.path, code),
    )
  }

  return (operation, offset, parts) => {
    const length = lengthOf(parts)
    const spans = fileSpans(tree.files, offset, length).filter(({ file }) => isOnDisk(tree.files[file]!))
    // Pads, and what is between the files of v2, read as zeros; the caller's memory may have been used before.
    const isWhole = spans.reduce((sum, span) => sum + span.length, 0) === length
    if (operation === 'read' && !isWhole) for (const part of parts) part.fill(0)
    return spans.length === 1
      ? moveSpan(operation, parts, spans[0]!)
      : inTurn(spans.length, (index) => moveSpan(operation, parts, spans[index]!)).pipe(settle(undefined))
  }
}
