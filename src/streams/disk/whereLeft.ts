import { tap } from 'rxjs'
import * as E from '#fp/Either'
import { isSamePath } from '../../codecs/renameFiles.js'
import type { OpenStorage, SessionDeps, Storage, StorageLayout } from '../deps.js'
import { withPaths } from '../storageLayout.js'

/**
 * The world for one run after the other: a storage is opened where the one before has left the files, for a move and a
 * new name outlive the run in which they were asked for.
 */
export const whereLeft = (deps: SessionDeps): (() => SessionDeps) => {
  let first: string | undefined
  // What it tells of its folder and of paths may still change when it is closed: a move goes on to its end.
  let last: Storage | undefined
  let opened: StorageLayout | undefined
  /** Paths of all files, once one of our storages has renamed some; until then resume data know better. */
  let paths: Storage['paths']

  const movedTo = (): string | undefined => (last?.directory === first ? undefined : last?.directory)
  const renamed = (): Storage['paths'] => {
    const now = last?.paths
    if (now?.some((path, file) => !isSamePath(path, opened?.files[file]?.path ?? [])) === true) paths = now
    return paths
  }

  const openStorage: OpenStorage = (asked) => {
    const present = renamed()
    const layout = present === undefined ? asked : withPaths(asked, present)
    return deps.openStorage(layout, movedTo()).pipe(
      tap((answer) => {
        if (E.isLeft(answer)) return
        if (last === undefined) first = answer.right.directory
        last = answer.right
        opened = layout
      }),
    )
  }

  return () => {
    const directory = movedTo()
    const resume = directory === undefined ? undefined : deps.resume?.at?.(directory)
    return { ...deps, openStorage, ...(resume === undefined ? {} : { resume }) }
  }
}
