import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { DecodeError } from '../errors.js'
import { limitExceeded } from '../errors.js'
import { MAX_DUPLICATE_NAMES } from '../limits.js'

export interface NamedFile {
  readonly path: ReadonlyArray<string>
  readonly length: number
  readonly isPad: boolean
}

/**
 * Paths that no file system takes for one another: not the same but for case or Unicode normalisation, and none the
 * directory of another. The earlier file keeps its name, the later one becomes `name.1.ext`; a directory always keeps
 * its own. Pad files of one length may share a path. Gives up after 500 names tried.
 */
export const uniquePaths = (
  files: ReadonlyArray<NamedFile>,
): Either<DecodeError, ReadonlyArray<ReadonlyArray<string>>> => {
  const directories = new Map<string, number>()
  const parents = files.map(({ path }) => enter(directories, path))
  const taken = new Map<string, NamedFile>()
  const unique: ReadonlyArray<string>[] = []
  let tried = 0
  // By index, here and in the other steps: iterators make two objects for each of a million files.
  for (let i = 0; i < files.length; i++) {
    const file = files[i]!
    const name = file.path[file.path.length - 1] ?? ''
    const parent = parents[i]!
    let candidate = name
    let key = keyIn(parent, candidate)
    for (let count = 1; isTaken(key, file, directories, taken); count++) {
      if (++tried > MAX_DUPLICATE_NAMES) {
        return E.left(limitExceeded('duplicate names', MAX_DUPLICATE_NAMES, tried, ''))
      }
      candidate = numbered(name, count)
      key = keyIn(parent, candidate)
    }
    taken.set(key, file)
    unique.push(candidate === name ? file.path : [...file.path.slice(0, -1), candidate])
  }
  return E.right(unique)
}

/** The number of the directory that a path's last element is in; directories on the way are numbered as they come. */
const enter = (directories: Map<string, number>, path: ReadonlyArray<string>): number => {
  let parent = 0
  for (let i = 0; i < path.length - 1; i++) {
    const key = keyIn(parent, path[i]!)
    const known = directories.get(key)
    parent = known ?? directories.size + 1
    if (known === undefined) directories.set(key, parent)
  }
  return parent
}

// A number for the parent instead of its path: long paths must not be compared again for each of their elements.
const keyIn = (parent: number, name: string): string => `${String(parent)}/${fold(name)}`

/** The same for all spellings that some file system takes for one. Twice: some letters share only one of their cases. */
const fold = (name: string): string =>
  NOT_ASCII.test(name)
    ? name.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC')
    : name.toLowerCase()

const NOT_ASCII = /[^\u0000-\u007f]/

const isTaken = (
  key: string,
  file: NamedFile,
  directories: ReadonlyMap<string, number>,
  taken: ReadonlyMap<string, NamedFile>,
): boolean => {
  const other = taken.get(key)
  const isShared = other?.isPad === true && file.isPad && other.length === file.length
  return directories.has(key) || (other !== undefined && !isShared)
}

const numbered = (name: string, count: number): string => {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? `${name.slice(0, dot)}.${String(count)}${name.slice(dot)}` : `${name}.${String(count)}`
}
