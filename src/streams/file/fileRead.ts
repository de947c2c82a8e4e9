import { map, type Observable, of, Subject } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { iterate } from '../../operators/rx/iterate.js'
import { pullFrom } from '../../operators/rx/toReadableStream.js'
import { type ReadError, showReadError } from './readError.js'
import { readStretch, type ReadSource } from './readStretch.js'
import type { Stretch } from './stretch.js'

/**
 * Bytes of a file, in order, in chunks of at most 256 KiB, each when its pieces are verified and written. All faces are
 * cold: each subscription, loop or stream reads anew, from the first byte, and counts as a subscription of the session.
 * What is needed next is asked for first, some pieces ahead. Being left (`unsubscribe`, `break`, `cancel`) ends all that
 * at once.
 */
export interface FileRead extends AsyncIterable<Uint8Array, undefined> {
  /** As fast as it is taken: the next chunk is read when the one before has been delivered. Ends after one `Left`. */
  readonly chunk$: Observable<Either<ReadError, Uint8Array>>
  /** One chunk for each emission of `demand$`, read when it is asked for. Ends when `demand$` has ended and is served. */
  readonly chunksFor: (demand$: Observable<unknown>) => Observable<Either<ReadError, Uint8Array>>
  /** One chunk a step, read when it is asked for. Rejects with an `Error` whose `cause` is the `ReadError`. */
  readonly [Symbol.asyncIterator]: () => AsyncIterableIterator<Uint8Array, undefined, undefined>
  /** One chunk a pull, none held (a high-water mark of 0). Errs like the iterator. */
  readonly toReadableStream: () => ReadableStream<Uint8Array>
}

export const createFileRead = (source: ReadSource, stretch: Either<ReadError, Stretch>): FileRead => {
  const chunksFor = (demand$?: Observable<unknown>): Observable<Either<ReadError, Uint8Array>> =>
    E.isLeft(stretch) ? of(stretch) : readStretch(source, stretch.right, demand$)
  const walk = (): AsyncIterableIterator<Uint8Array, undefined, undefined> => {
    const demand$ = new Subject<void>()
    return iterate(chunksFor(demand$).pipe(map(orThrow)), { all: 1 }, () => {
      demand$.next()
    })
  }
  return {
    chunk$: chunksFor(),
    chunksFor,
    [Symbol.asyncIterator]: walk,
    toReadableStream: () => pullFrom(walk()),
  }
}

/** Promises and web streams have no other way to tell a failure. */
const orThrow = (chunk: Either<ReadError, Uint8Array>): Uint8Array => {
  if (E.isLeft(chunk)) throw new Error(showReadError(chunk.left), { cause: chunk.left })
  return chunk.right
}
