import { realpath, stat } from 'node:fs'
import type { Stats } from 'node:fs'
import { basename, dirname } from 'node:path'
import { map, of, toArray } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { andThen } from '../disk/andThen.js'
import { storageError } from '../disk/storageError.js'
import { fsCall } from './fsCall.js'
import { walkFiles } from './walkFiles.js'
import type { WalkError, WalkedFile } from './walkFiles.js'

/** What a torrent is to be made of. */
export interface Content {
  /** What `files` are relative to. */
  readonly root: string
  readonly files: ReadonlyArray<WalkedFile>
  readonly isFolder: boolean
}

/** A symlink given as the path itself is followed: that much was asked for. */
export const findContent = (path: string): Observable<Either<WalkError, Content>> => {
  const asked = (code: string): WalkError => storageError('open', [basename(path)], code)
  return fsCall<string>((done) => {
    realpath(path, done)
  }).pipe(
    andThen((real) =>
      fsCall<Stats>((done) => {
        stat(real, done)
      }).pipe(map(E.map((stats) => ({ real, stats })))),
    ),
    map(E.mapLeft(asked)),
    andThen(({ real, stats }) =>
      stats.isDirectory()
        ? walkFiles(real).pipe(gather, map(E.map((files) => ({ root: real, files, isFolder: true }))))
        : of(oneFile(real, stats)),
    ),
  )
}

const oneFile = (real: string, stats: Stats): Either<WalkError, Content> => {
  const path = [basename(real)]
  return stats.isFile()
    ? E.right({ root: dirname(real), files: [{ path, length: stats.size }], isFolder: false })
    : E.left({ _tag: 'UnsupportedEntry', file: path.join('/'), kind: 'special' })
}

/** All of a run that ends at its first `Left`, or that `Left`. */
const gather = <E1, A>(answer$: Observable<Either<E1, A>>): Observable<Either<E1, ReadonlyArray<A>>> =>
  answer$.pipe(
    toArray(),
    map((answers) => E.sequenceArray(answers)),
  )
