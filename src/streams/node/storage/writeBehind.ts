import { finalize } from 'rxjs'
import type { Observable } from 'rxjs'

/**
 * Bytes that may wait for a flush. Enough for a device to be written to in long stretches; few enough that the last flush
 * of a download, or the one for resume data, is soon over: a gigabyte at once takes longer than fetching a tenth of it.
 */
const MOST_BYTES = 64 * 1024 * 1024

/** Flushes while there is more to write, so that who asks for a flush does not wait for all of it. */
export interface WriteBehind {
  readonly wrote: (bytes: number) => void
}

/** @param flush - remembers what it failed with: nobody listens here. */
export const createWriteBehind = (flush: () => Observable<unknown>): WriteBehind => {
  let waiting = 0
  let isFlushing = false

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
      done$.subscribe({ error: () => undefined })
    },
  }
}
