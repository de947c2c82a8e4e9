import { tap } from 'rxjs'
import * as E from '#fp/Either'
import type { OpenStorage, SessionDeps, Storage } from '../deps.js'

/**
 * The world for one run after the other: a storage is opened where the one before has left the files, for a move
 * outlives the run in which it was asked for.
 */
export const whereLeft = (deps: SessionDeps): (() => SessionDeps) => {
  let first: string | undefined
  // What it tells of its folder may still change when it is closed: a move goes on to its end.
  let last: Storage | undefined

  const movedTo = (): string | undefined => (last?.directory === first ? undefined : last?.directory)

  const openStorage: OpenStorage = (layout) =>
    deps.openStorage(layout, movedTo()).pipe(
      tap((opened) => {
        if (E.isLeft(opened)) return
        if (last === undefined) first = opened.right.directory
        last = opened.right
      }),
    )

  return () => {
    const directory = movedTo()
    const resume = directory === undefined ? undefined : deps.resume?.at?.(directory)
    return { ...deps, openStorage, ...(resume === undefined ? {} : { resume }) }
  }
}
