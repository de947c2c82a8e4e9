import { finalize } from 'rxjs'
import type { Observable } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { StorageError } from '../../deps.js'

/**
 * Bytes that may wait for a flush. Enough for a device to be written to in long stretches; few enough that the last flush
 * of a download, or the one for resume data, is soon over: a gigabyte at once takes longer than fetching a tenth of it.
 */
const MOST_BYTES = 64 * 1024 * 1024

/** Flushes while there is more to write, so that who asks for a flush does not wait for all of it. */
export interface WriteBehind {
  readonly wrote: (bytes: number) => void
  /**
   * What a flush that nobody had asked for failed with. The system tells of a lost write once: who asks for a flush next
   * has to hear of it. Told once too.
   */
  readonly takeFailure: () => Either<StorageError, void> | undefined
}

export const createWriteBehind = (flush: () => Observable<Either<StorageError, void>>): WriteBehind => {
  let waiting = 0
  let isFlushing = false
  let failure: Either<StorageError, void> | undefined

  return {
    wrote: (bytes) => {
      waiting += bytes
      if (waiting < MOST_BYTES || isFlushing) return
      waiting = 0
      isFlushing = true
      const done$ = flush().pipe(
        finalize(() => {
          isFlushing = false
        }),
      )
      done$.subscribe({
        next: (answer) => {
          if (E.isLeft(answer)) failure ??= answer
        },
        error: () => undefined,
      })
    },
    takeFailure: () => {
      const told = failure
      failure = undefined
      return told
    },
  }
}
