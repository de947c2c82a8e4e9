import { close } from 'node:fs'
import { defer, finalize, map, of, switchMap, type Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../../operators/piece/fileMap.js'
import { andThen } from '../../disk/andThen.js'
import { inTurn } from '../../disk/inTurn.js'
import { settle } from '../../disk/settle.js'
import { storageError } from '../../disk/storageError.js'
import type { StorageError, StorageLayout } from '../../deps.js'
import { createFolders } from '../folders.js'
import { succeed } from '../fsCall.js'
import { createHandlePool } from '../handlePool.js'
import type { Elsewhere } from '../hashFiles.js'
import { createTorrentFiles } from '../torrentFiles.js'
import { createGate } from './gate.js'
import { createPartFile, partEntry, partFileExists } from './partFile.js'
import { partIfAbsent } from './selectFiles.js'
import { hasBytes, type Tree } from './tree.js'

/** A part file as it was found, for who only looks. */
export interface Parts {
  /** Of the files that are neither wanted nor there. */
  readonly elsewhere: Elsewhere
  /** Whether all that such files have of a piece has come; a hole cannot be told from zeros otherwise. */
  readonly has: (piece: number) => boolean
}

/** What the part file below `root` holds for the files that are not wanted. Answers once; changes nothing. */
export const readParts = (
  root: string,
  layout: StorageLayout,
  isWanted: (file: number) => boolean,
): Observable<Either<StorageError, Parts>> =>
  defer(() => {
    const { files } = layout
    const tree: Tree = { root, folders: createFolders(root), files, part: partEntry(layout) }
    return files.every((_, file) => isWanted(file))
      ? of(E.right(NO_PARTS))
      : partFileExists(tree).pipe(
          switchMap((isThere) => (isThere ? loadParts(tree, layout, isWanted) : of(E.right(NO_PARTS)))),
        )
  })

const loadParts = (
  tree: Tree,
  layout: StorageLayout,
  isWanted: (file: number) => boolean,
): Observable<Either<StorageError, Parts>> =>
  defer(() => {
    const { files, pieceLength } = layout
    const pool = createHandlePool({
      maxOpen: 1,
      close: (fd, done) => {
        close(fd, done)
      },
    })
    const handles = createTorrentFiles(tree, pool, createGate())
    const partFile = createPartFile(layout, handles)
    const parted = new Set<number>()
    const parts: Parts = {
      elsewhere: (file) =>
        parted.has(file) ? { path: tree.part.path, start: files[file]!.offset } : undefined,
      has: (piece) =>
        fileSpans(files, piece * pieceLength, pieceLength).every(
          ({ file, begin, length }) => !parted.has(file) || partFile.has(piece * pieceLength + begin, length),
        ),
    }
    return partFile.load().pipe(
      andThen(() =>
        inTurn(files.length, (file) =>
          isWanted(file) || !hasBytes(files[file]!) ? succeed() : partIfAbsent({ tree, parted }, file),
        ).pipe(settle<string, Parts>(parts)),
      ),
      map(E.mapLeft((code) => storageError('read', tree.part.path, code))),
      finalize(handles.close),
    )
  })

const NO_PARTS: Parts = { elsewhere: () => undefined, has: () => true }
