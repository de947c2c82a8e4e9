import { resolve } from 'node:path'
import { EMPTY, Observable, defer, finalize, map, merge, mergeMap, of, tap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { andThen } from '../../disk/andThen.js'
import { inOrder } from '../../disk/inOrder.js'
import { inTurn } from '../../disk/inTurn.js'
import { lengthOf } from '../../disk/parts.js'
import { renamedFiles } from '../../disk/renamedFiles.js'
import { settle } from '../../disk/settle.js'
import { CLOSED, storageError } from '../../disk/storageError.js'
import type { MoveProgress, Storage, StorageError, StorageLayout } from '../../deps.js'
import type { FlushReach } from '../../../operators/resume/syncedPieces.js'
import { oneAtATime } from '../../disk/oneAtATime.js'
import { fileNames } from '../fileNames.js'
import { flushFiles } from '../flushFiles.js'
import { createFolders } from '../folders.js'
import type { SystemResult } from '../fsCall.js'
import type { HandlePool } from '../handlePool.js'
import { HASH_JOBS, piecesPerJob } from '../hashFiles.js'
import type { Elsewhere } from '../hashFiles.js'
import type { HashPool } from '../hashPool.js'
import { pathsBelow } from '../pathsBelow.js'
import { createTorrentFiles } from '../torrentFiles.js'
import { claimPaths, releasePaths } from './claims.js'
import { createAccess } from './fileAccess.js'
import { findLongFiles } from './findLongFiles.js'
import { createGate } from './gate.js'
import { moveFiles } from './moveFiles.js'
import { createPartFile, partEntry, partFileExists } from './partFile.js'
import { realFolder } from './realFolder.js'
import { removeFiles } from './removeFiles.js'
import { renameInTree } from './renameInTree.js'
import { reserveSpace } from './reserveSpace.js'
import { partIfAbsent, selectFiles } from './selectFiles.js'
import type { Selection } from './selectFiles.js'
import { statFiles } from './statFiles.js'
import { createWriteBehind } from './writeBehind.js'
import { claimedPaths, hasBytes, isBare } from './tree.js'
import type { Tree } from './tree.js'

export interface OpenTorrentOptions {
  readonly root: string
  readonly layout: StorageLayout
  readonly pool: HandlePool
  readonly hashPool: HashPool
  readonly isSparse: boolean
  /** Whether flushes begin while there is more to write; else none does by itself. */
  readonly writesBehind: boolean
  /** Absolute paths that are claimed for this storage, which gives them back. */
  readonly claims: ReadonlyArray<string>
}

const DONE: Either<never, void> = E.right(undefined)

/** A storage for the files of one torrent; `release` lets go of them. */
export const openTorrent = (
  options: OpenTorrentOptions,
): { readonly storage: Storage; readonly release: () => void } => {
  const { layout, pool, hashPool, isSparse } = options
  const { pieceLength, id } = layout
  const tree: Tree = {
    root: options.root,
    folders: createFolders(options.root),
    files: layout.files,
    part: partEntry(layout),
  }
  const gate = createGate()
  const handles = createTorrentFiles(tree, pool, gate)
  const partFile = createPartFile(layout, handles)
  const parted = new Set<number>()
  const filling = new Set<number>()
  const dirty = new Set<number>()
  const adopted = new Set<number>()
  const written = new Set<number>()
  const bare = new Set([...layout.files.keys()].filter((index) => isBare(layout.files[index]!)))
  const ready = new Set<number>()
  let claims = options.claims
  let wanted: ReadonlyArray<boolean> | undefined
  /** Whether there is a part file, and has been said for what; undefined until it has been looked for. */
  let part: 'none' | 'undecided' | 'decided' | undefined
  let isClosed = false
  /** Running alone, or just at their end. */
  let jobs = 0

  const letGo = (): void => {
    releasePaths(claims)
    claims = []
  }
  const whileOpen = <A>(
    operation: StorageError['operation'],
    run: () => Observable<Either<StorageError, A>>,
  ): Observable<Either<StorageError, A>> =>
    defer(() => {
      if (isClosed) return of(E.left(storageError(operation, [], CLOSED)))
      return part === undefined ? onceKnown(() => whileOpen(operation, run)) : run()
    })
  /** What was asked for before it was known whether there is a part file, in that order. */
  const early: Array<() => void> = []
  const onceKnown = <A>(run: () => Observable<A>): Observable<A> =>
    new Observable((subscriber) => {
      early.push(() => {
        if (!subscriber.closed) run().subscribe(subscriber)
      })
    })

  /** Work during which nobody else reads or writes. */
  const alone = <A>(
    operation: StorageError['operation'],
    work: (isCancelled: () => boolean) => Observable<Either<StorageError, A>>,
  ): Observable<Either<StorageError, A>> =>
    whileOpen(operation, () =>
      gate.alone((isLeft) =>
        whileOpen(operation, () => {
          jobs += 1
          return work(() => isLeft() || isClosed).pipe(
            finalize(() => {
              jobs -= 1
              if (isClosed && jobs === 0) letGo()
            }),
          )
        }),
      ),
    )

  const prepare: Selection['prepare'] = (file, fd, answer) => {
    if (isSparse || ready.has(file)) {
      answer(DONE)
      return
    }
    reserveSpace(
      fd,
      tree.root,
      tree.files[file]!.length,
      () => isClosed,
      (result) => {
        if (E.isRight(result)) ready.add(file)
        answer(result)
      },
    )
  }
  const access = createAccess({
    tree,
    gate,
    handles,
    partFile,
    parted,
    dirty,
    written,
    prepare,
  })

  const select: NonNullable<Storage['select']> = (next) =>
    whileOpen('open', () => {
      const isNothing = next.every((is) => is) && parted.size === 0 && part !== 'undecided'
      if (isNothing) {
        wanted = undefined
        return of(DONE)
      }
      return alone('open', () => {
        wanted = next
        return selectFiles({ tree, handles, partFile, parted, filling, written, prepare }, next).pipe(
          tap((result) => {
            if (E.isLeft(result)) return
            part = parted.size > 0 ? 'decided' : 'none'
            if (parted.size > 0) return
            // The part file is gone, and is not to come back.
            dirty.delete(layout.files.length)
            adopted.delete(layout.files.length)
          }),
        )
      })
    })
  /** Who writes without a word about it wants all. */
  const decided = <A>(run: () => Observable<Either<StorageError, A>>): Observable<Either<StorageError, A>> =>
    part === 'undecided' ? select([]).pipe(andThen(run)) : run()

  const loadParts = (): Observable<SystemResult<void>> =>
    partFile
      .load()
      .pipe(
        andThen(() =>
          inTurn(tree.files.length, (index) =>
            hasBytes(tree.files[index]!) ? partIfAbsent({ tree, parted }, index) : of(DONE),
          ).pipe(settle<string, void>(undefined)),
        ),
      )
  const beginEarly$ = defer(() => {
    for (const begin of early.splice(0)) begin()
    return EMPTY
  })
  partFileExists(tree)
    .pipe(
      mergeMap((isThere) => {
        part = isThere ? 'undecided' : 'none'
        if (isThere) return merge(gate.alone(loadParts), beginEarly$)
        adopted.delete(layout.files.length)
        return beginEarly$
      }),
    )
    // What cannot be read there comes from the peers again.
    .subscribe({ error: () => undefined })

  const elsewhere: Elsewhere = (file) =>
    parted.has(file) ? { path: tree.part.path, start: tree.files[file]!.offset } : undefined

  // A flush that began while another syncs the file would take it for done.
  const flushInLine = oneAtATime()
  /** What a flush has failed with and nobody was told: the system tells of a lost write once. */
  let lost: Either<StorageError, void> | undefined
  const flush = (reach: FlushReach): Observable<Either<StorageError, void>> => {
    const saved$ = defer(() =>
      dirty.has(layout.files.length)
        ? partFile.save().pipe(map(E.mapLeft((code) => storageError('flush', tree.part.path, code))))
        : of(DONE),
    )
    const isWanted = (file: number): boolean => wanted?.[file] ?? true
    const flushed$ = saved$.pipe(
      andThen(() => flushFiles({ tree, handles, dirty, adopted, bare, written, isWanted }, reach)),
      tap((answer) => {
        if (E.isLeft(answer)) lost ??= answer
      }),
    )
    // Who needs no device does not wait for who does.
    return reach === 'system' ? flushed$ : flushInLine(flushed$)
  }
  const behind = options.writesBehind ? createWriteBehind(() => gate.pass(() => flush('device'))) : undefined
  const flushAll = (reach: FlushReach): Observable<Either<StorageError, void>> =>
    flush(reach).pipe(
      map((answer) => {
        const told = lost ?? answer
        lost = undefined
        return told
      }),
    )
  /** One stage: it is once for each piece. */
  const moved = (
    operation: 'read' | 'write',
    offset: number,
    parts: ReadonlyArray<Uint8Array>,
  ): Observable<Either<StorageError, void>> =>
    new Observable((subscriber) => {
      const answer = (result: Either<StorageError, void>): void => {
        subscriber.next(result)
        subscriber.complete()
      }
      if (isClosed) {
        answer(E.left(storageError(operation, [], CLOSED)))
        return
      }
      access(offset, { operation, parts, isLeft: () => subscriber.closed }, (result) => {
        // Once it is released a flush would touch what may be another's by now.
        if (operation === 'write' && !isClosed) behind?.wrote(lengthOf(parts))
        answer(result)
      })
    })
  const write: Storage['write'] = (offset, bytes) => moved('write', offset, [bytes])

  const move = (
    directory: string,
    isCancelled: () => boolean,
  ): Observable<Either<StorageError, MoveProgress>> =>
    new Observable((subscriber) => {
      const to = resolve(directory)
      const real = realFolder(to)
      const paths = claimedPaths({ ...layout, files: tree.files })
      const targets = paths.map(pathsBelow(real))
      let last: MoveProgress = { movedBytes: 0, totalBytes: 0, isDone: false }
      const end = (result: Either<StorageError, MoveProgress>): void => {
        subscriber.next(result)
        subscriber.complete()
      }
      if (real === realFolder(tree.root)) {
        end(E.right({ ...last, isDone: true }))
        return
      }
      const rival = claimPaths(targets)
      if (rival !== undefined) {
        end(E.left(storageError('move', paths[targets.indexOf(rival)] ?? [], 'EEXIST')))
        return
      }
      handles.reopenAll()
      moveFiles({
        tree,
        id,
        to,
        folders: createFolders(to),
        isSparse,
        isCancelled,
        report: (progress) => {
          last = progress
          subscriber.next(E.right(progress))
        },
      }).subscribe({
        next: (result) => {
          if (E.isLeft(result)) {
            releasePaths(targets)
            end(result)
            return
          }
          letGo()
          claims = targets
          tree.root = to
          tree.folders = createFolders(to)
          end(E.right({ movedBytes: last.totalBytes, totalBytes: last.totalBytes, isDone: true }))
        },
        error: (error: unknown) => {
          releasePaths(targets)
          subscriber.error(error)
        },
      })
    })

  const rename = (index: number, path: ReadonlyArray<string>): Observable<Either<StorageError, void>> => {
    const renamed = renamedFiles(tree.files, index, path, fileNames)
    if (E.isLeft(renamed)) return of(renamed)
    const from = tree.files[index]!.path
    const pathOf = pathsBelow(realFolder(tree.root))
    const [old, claim] = [pathOf(from), pathOf(path)]
    if (claim === old) return of(DONE)
    if (claimPaths([claim]) !== undefined) return of(E.left(storageError('rename', path, 'EEXIST')))
    handles.reopen(index)
    return renameInTree(tree, from, path).pipe(
      map((result) => {
        releasePaths([E.isRight(result) ? old : claim])
        if (E.isLeft(result)) return E.left(storageError('rename', path, result.left))
        claims = [...claims.filter((one) => one !== old), claim]
        tree.files = renamed.right
        return DONE
      }),
    )
  }

  /** What lies in the place of a file whose bytes are in the part file was put there by somebody else. */
  const isOurs = (file: number, vouched: ReadonlyArray<boolean>): boolean =>
    parted.has(file)
      ? filling.has(file)
      : (wanted?.[file] ?? true) || written.has(file) || vouched[file] === true

  const storage: Storage = {
    get directory() {
      return tree.root
    },
    get paths() {
      return tree.files.map(({ path }) => path)
    },
    read: (offset, count) =>
      whileOpen('read', () => {
        const bytes = new Uint8Array(count)
        return moved('read', offset, [bytes]).pipe(map(E.map(() => bytes)))
      }),
    readInto: (offset, parts) =>
      part === undefined
        ? whileOpen('read', () => moved('read', offset, parts))
        : moved('read', offset, parts),
    write: (offset, bytes) =>
      part === undefined || part === 'undecided'
        ? whileOpen('write', () => decided(() => write(offset, bytes)))
        : write(offset, bytes),
    flush: (reach = 'device') => whileOpen('flush', () => decided(() => gate.pass(() => flushAll(reach)))),
    adopt: (files) => {
      for (const file of files) adopted.add(file)
      // Some of their bytes may be there instead.
      if (part !== 'none' || parted.size > 0) adopted.add(layout.files.length)
    },
    hashPieces: (first, last) =>
      whileOpen('hash', () => {
        const perJob = piecesPerJob(pieceLength)
        return inOrder(HASH_JOBS, Math.ceil((last - first + 1) / perJob), (job) => {
          const from = first + job * perJob
          const to = Math.min(last, from + perJob - 1)
          return gate.pass(() =>
            hashPool.hashFiles(tree.root, { ...layout, files: tree.files }, from, to, elsewhere),
          )
        })
      }),
    select,
    stat: () => whileOpen('stat', () => gate.pass(() => statFiles(tree, handles))),
    longFiles: () => whileOpen('stat', () => gate.pass(() => findLongFiles(tree))),
    releaseHandles: handles.reopenAll,
    move: (directory) => alone('move', (isCancelled) => move(directory, isCancelled)),
    rename: (file, path) => alone('rename', () => rename(file, path)),
    remove: (vouched = []) =>
      alone('remove', () => {
        isClosed = true
        handles.close()
        return removeFiles(tree, id, (file) => isOurs(file, vouched))
      }),
  }
  return {
    storage,
    release: () => {
      isClosed = true
      handles.close()
      if (jobs === 0) letGo()
    },
  }
}
