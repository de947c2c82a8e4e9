import { tap } from 'rxjs'
import * as E from '#fp/Either'
import type { OpenStorage, Storage } from '../deps.js'

/** Tells who has the storage while it is open, and `undefined` when it no longer is. */
export const lendStorage =
  (open: OpenStorage, lend: (storage: Storage | undefined) => void): OpenStorage =>
  (layout) =>
    open(layout).pipe(
      tap({
        next: (opened) => {
          if (E.isRight(opened)) lend(opened.right)
        },
        finalize: () => {
          lend(undefined)
        },
      }),
    )
