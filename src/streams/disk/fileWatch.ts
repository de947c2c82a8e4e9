import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import { fileSpans } from '../../operators/piece/fileMap.js'
import type { FileStat, StorageFile } from '../deps.js'
import { isSameStat } from '../../operators/resume/isSameStat.js'

type FileStats = ReadonlyArray<Option<FileStat>>

/** Tells writes of our own to files from those of others. */
export interface FileWatch {
  /** We are about to write, or have just written, these bytes of the stream. */
  readonly wrote: (offset: number, length: number) => void
  /**
   * Before a look at the files; call what it answers with what was seen. A file that has changed although we did not
   * write to it since the last look is none from then on: nobody can vouch for what it holds.
   */
  readonly look: () => (seen: FileStats) => FileStats
  /** We change the files in ways that no `wrote` tells of: the next look is taken as it is. */
  readonly forget: () => void
  /** What we wrote may never have come to the device, whatever the files look like: from here on every file is none. */
  readonly doubt: () => void
}

/**
 * @example
 * ```ts
 * const seen = watch.look()
 * stat$.subscribe((stats) => save(seen(stats)))
 * ```
 */
export const createFileWatch = (files: ReadonlyArray<StorageFile>): FileWatch => {
  const foreign = new Set<number>()
  let last: FileStats | undefined
  let ours = new Set<number>()
  let isDoubted = false

  return {
    wrote: (offset, length) => {
      for (const { file } of fileSpans(files, offset, length)) ours.add(file)
    },
    look: () => {
      // What is being written now counts for this look and, once it is written, for the next.
      const since = ours
      ours = new Set()
      return (seen) => {
        // Files that are kept in one place share what is known of it, and each write to it is a write to all of them.
        const touched = new Set([...since].map((file) => seen[file]))
        seen.forEach((stat, file) => {
          const before = last?.[file]
          // Empty files are made by a flush.
          if (before === undefined || since.has(file) || files[file]?.length === 0) return
          if (O.isSome(stat) && touched.has(stat)) return
          if (!isSameStat(before, stat)) foreign.add(file)
        })
        last = seen
        return seen.map((stat, file) => (isDoubted || foreign.has(file) ? O.none : stat))
      }
    },
    forget: () => {
      last = undefined
    },
    doubt: () => {
      isDoubted = true
    },
  }
}
