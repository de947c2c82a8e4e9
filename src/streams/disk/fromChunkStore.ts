import { defer, map, Observable, of, tap } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { Clock, Hasher, OpenStorage, Storage, StorageError, StorageLayout } from '../deps.js'
import { andThen, orElse } from './andThen.js'
import { askStore } from './chunkStore.js'
import type { ChunkStore } from './chunkStore.js'
import { hashPiecesByReading } from './hashPiecesByReading.js'
import { addInterval, hasInterval, noIntervals } from './intervals.js'
import { inTurn } from './inTurn.js'
import { settle } from './settle.js'
import { CLOSED, storageError } from './storageError.js'
import { trampoline } from './trampoline.js'

export interface ChunkStoreOptions {
  /** Where pieces are hashed: a session's `hasher`. */
  readonly hasher: Hasher
  /** With `timeoutMs`: a call that the store never answers fails then, with `ETIMEDOUT`. Without, it is waited for. */
  readonly clock?: Clock
  readonly timeoutMs?: number
}

/**
 * Storage in a store of the `abstract-chunk-store` kind (`memory-chunk-store`, `fs-chunk-store` …), made by `makeStore`
 * for each time that storage is opened: chunks of `layout.pieceLength`, `layout.length` in all. It is closed with the
 * storage; `remove` destroys it.
 *
 * Such a store takes whole chunks only: a part of a piece is put with what the store has of its chunk, or with zeros,
 * which nobody gets to read while the storage is open. A store that calls back twice or at once, or throws, is survived.
 * It knows nothing of files: none can be deselected, moved or renamed. `flush` waits for what was put; whether that is on a device is
 * the store's matter.
 *
 * @example
 * ```ts
 * const openStorage = fromChunkStore(({ pieceLength, length }) => new MemoryChunkStore(pieceLength, { length }), {
 *   hasher,
 * })
 * ```
 */
export const fromChunkStore =
  (makeStore: (layout: StorageLayout) => ChunkStore, options: ChunkStoreOptions): OpenStorage =>
  (layout) =>
    new Observable((subscriber) => {
      let store: ChunkStore
      try {
        store = makeStore(layout)
      } catch {
        subscriber.next(E.left(storageError('open', [], 'EIO')))
        subscriber.complete()
        return undefined
      }
      const { storage, close } = openStore(store, layout, options)
      subscriber.next(E.right(storage))
      return close
    })

const openStore = (
  store: ChunkStore,
  layout: StorageLayout,
  { hasher, clock, timeoutMs }: ChunkStoreOptions,
): { readonly storage: Storage; readonly close: () => void } => {
  const { pieceLength, length, files } = layout
  const patience = clock === undefined || timeoutMs === undefined ? undefined : { clock, timeoutMs }
  const inOrder = trampoline()
  /** What was written since it was opened, by what part of a chunk; of others the store knows. */
  const written = noIntervals()
  const begun = new Set<number>()
  /** Chunks that are written to, and who waits for them. */
  const busy = new Map<number, Array<() => void>>()
  let isClosed = false

  const chunkLength = (chunk: number): number => Math.min(pieceLength, length - chunk * pieceLength)

  /** Answers one after the other, none within the call of another, however the store calls back. */
  const whileOpen = <A>(
    operation: StorageError['operation'],
    run: () => Observable<Either<StorageError, A>>,
  ): Observable<Either<StorageError, A>> =>
    new Observable((subscriber) => {
      const closed = E.left(storageError(operation, [], CLOSED))
      inOrder(() => {
        if (subscriber.closed) return
        const source$ = isClosed ? of(closed) : run()
        subscriber.add(
          source$.subscribe({
            next: (answer) => {
              inOrder(() => {
                subscriber.next(isClosed && E.isLeft(answer) ? closed : answer)
                subscriber.complete()
              })
            },
            error: (error: unknown) => {
              subscriber.error(error)
            },
          }),
        )
      })
    })

  /** One at a time for each chunk: two parts of one must not overwrite each other's. Goes on if nobody listens. */
  const inChunk = (
    chunk: number,
    run: () => Observable<Either<StorageError, void>>,
  ): Observable<Either<StorageError, void>> =>
    new Observable((subscriber) => {
      const next = (): void => {
        const waiting = busy.get(chunk)
        const resume = waiting?.shift()
        if (resume === undefined) busy.delete(chunk)
        else resume()
      }
      const start = (): void => {
        run().subscribe({
          next: (answer) => {
            next()
            subscriber.next(answer)
            subscriber.complete()
          },
          error: (error: unknown) => {
            next()
            subscriber.error(error)
          },
        })
      }
      const waiting = busy.get(chunk)
      if (waiting !== undefined) {
        waiting.push(start)
        return
      }
      busy.set(chunk, [])
      start()
    })

  const getChunk = (
    chunk: number,
    operation: StorageError['operation'],
  ): Observable<Either<StorageError, Uint8Array>> =>
    askStore<Uint8Array | undefined>(
      operation,
      (done) => {
        store.get(chunk, done)
      },
      patience,
    ).pipe(
      map(
        E.chain((bytes) =>
          bytes !== undefined && bytes.length >= chunkLength(chunk)
            ? E.right(bytes)
            : E.left(storageError(operation, [], 'ENOENT')),
        ),
      ),
    )

  const putChunk = (chunk: number, bytes: Uint8Array): Observable<Either<StorageError, void>> =>
    askStore<unknown>(
      'write',
      (done) => {
        store.put(chunk, bytes, (error) => {
          done(error, undefined)
        })
      },
      patience,
    ).pipe(map(E.map(() => undefined)))

  /** The parts of chunks that make up an interval. */
  const partsOf = (offset: number, count: number): ReadonlyArray<Part> => {
    const parts: Part[] = []
    for (let at = offset; at < offset + count;) {
      const chunk = Math.floor(at / pieceLength)
      const end = Math.min(offset + count, (chunk + 1) * pieceLength)
      parts.push({ chunk, begin: at, end })
      at = end
    }
    return parts
  }

  const writePart = (
    { chunk, begin, end }: Part,
    bytes: Uint8Array,
  ): Observable<Either<StorageError, void>> =>
    inChunk(chunk, () => {
      const start = chunk * pieceLength
      const size = chunkLength(chunk)
      const old$: Observable<Either<StorageError, Uint8Array | undefined>> =
        end - begin === size
          ? of(E.right(undefined))
          : getChunk(chunk, 'write').pipe(
              orElse<StorageError, Uint8Array | undefined>((error) =>
                of(error.kind === 'missing' ? E.right(undefined) : E.left(error)),
              ),
            )
      return old$.pipe(
        andThen((old) => {
          // A copy: the store may keep it for longer than the caller, and what it gave is its own.
          const whole = new Uint8Array(size)
          if (old !== undefined) whole.set(old.subarray(0, size))
          whole.set(bytes, begin - start)
          const isKnown = old !== undefined && !begun.has(chunk)
          return putChunk(chunk, whole).pipe(
            map(
              E.map(() => {
                if (isKnown) addInterval(written, start, start + size)
                else addInterval(written, begin, end)
                begun.add(chunk)
              }),
            ),
          )
        }),
      )
    })

  const readPart = (
    { chunk, begin, end }: Part,
    target: Uint8Array,
    get: (chunk: number) => Observable<Either<StorageError, Uint8Array>>,
  ): Observable<Either<StorageError, void>> =>
    get(chunk).pipe(
      map(
        E.map((bytes) => {
          target.set(bytes.subarray(begin - chunk * pieceLength, end - chunk * pieceLength))
        }),
      ),
    )

  /** Files only matter where there is none: pad files are zeros, and what is missing is blamed on its file. */
  const read = (offset: number, count: number): Observable<Either<StorageError, Uint8Array>> =>
    defer(() => {
      const bytes = new Uint8Array(count)
      // Small files share a chunk.
      let held = -1
      let chunkBytes: Uint8Array = bytes
      const get = (chunk: number): Observable<Either<StorageError, Uint8Array>> =>
        chunk === held
          ? of(E.right(chunkBytes))
          : getChunk(chunk, 'read').pipe(
              tap((answer) => {
                if (E.isLeft(answer)) return
                held = chunk
                chunkBytes = answer.right
              }),
            )
      const spans = fileSpans(files, offset, count).filter(({ file }) => !files[file]!.isPad)
      return inTurn(spans.length, (index) => {
        const { file, begin, length: size } = spans[index]!
        const at = offset + begin
        const missing = storageError('read', files[file]!.path, 'ENOENT')
        const parts = partsOf(at, size)
        const isHole = parts.some(
          (part) => begun.has(part.chunk) && !hasInterval(written, part.begin, part.end),
        )
        if (isHole) return of(E.left(missing))
        return inTurn(parts.length, (number) => {
          const part = parts[number]!
          return readPart(part, bytes.subarray(part.begin - offset, part.end - offset), get)
        }).pipe(
          settle<StorageError, void>(undefined),
          map(E.mapLeft((error) => ({ ...error, file: missing.file }))),
        )
      }).pipe(settle<StorageError, Uint8Array>(bytes))
    })

  const write = (offset: number, bytes: Uint8Array): Observable<Either<StorageError, void>> => {
    const parts = partsOf(offset, bytes.length)
    return inTurn(parts.length, (index) => {
      const part = parts[index]!
      return writePart(part, bytes.subarray(part.begin - offset, part.end - offset))
    }).pipe(settle<StorageError, void>(undefined))
  }

  const openRead: Storage['read'] = (offset, count) => whileOpen('read', () => read(offset, count))
  const close = (end: ChunkStore['close']): Observable<Either<StorageError, void>> =>
    askStore<unknown>(
      'remove',
      (done) => {
        isClosed = true
        if (end === undefined) done(undefined, undefined)
        else {
          end.call(store, (error) => {
            done(error, undefined)
          })
        }
      },
      patience,
    ).pipe(map(E.map(() => undefined)))

  return {
    storage: {
      read: openRead,
      write: (offset, bytes) => whileOpen('write', () => write(offset, bytes)),
      flush: () => whileOpen('flush', () => of(E.right(undefined))),
      hashPieces: hashPiecesByReading(openRead, hasher, layout),
      ...(store.destroy === undefined
        ? {}
        : { remove: () => whileOpen('remove', () => close(store.destroy)) }),
    },
    close: () => {
      if (!isClosed) close(store.close).subscribe({ error: () => undefined })
    },
  }
}

/** The bytes `begin … end − 1` of the stream, all of one chunk. */
interface Part {
  readonly chunk: number
  readonly begin: number
  readonly end: number
}
