import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import * as O from '#fp/Option'
import type { Option } from '#fp/Option'
import type { FileStat, StorageError, StorageFile, StorageLayout } from '../deps.js'
import { renamedFiles } from '../disk/renamedFiles.js'
import { storageError } from '../disk/storageError.js'
import type { Volume } from './volume.js'

/** Where the files of one storage are on the disk: it changes when they are selected, moved or renamed. */
export interface Places {
  /** The layout with the paths on the disk; what is not to be made counts as a pad file. */
  readonly layout: () => StorageLayout
  readonly directory: () => string
  /** Below it, by file. */
  readonly paths: () => ReadonlyArray<ReadonlyArray<string>>
  readonly select: (wanted: ReadonlyArray<boolean>) => void
  /** Who writes without a word about it wants all. */
  readonly decide: () => void
  readonly stat: () => ReadonlyArray<Option<FileStat>>
  /** In the files there are. */
  readonly bytes: () => number
  readonly move: (directory: string) => Either<StorageError, void>
  readonly rename: (file: number, path: ReadonlyArray<string>) => Either<StorageError, void>
  readonly remove: () => void
}

export const createPlaces = (layout: StorageLayout, volume: Volume, directory = ''): Places => {
  let { files } = layout
  let folder = folderOf(directory)
  let wanted: ReadonlyArray<boolean> = []

  const isThere = (path: ReadonlyArray<string>): boolean => volume.stat(path) !== undefined
  const own = (file: number, below = folder): ReadonlyArray<string> => [...below, ...files[file]!.path]
  const part = (file: number, below = folder): ReadonlyArray<string> => [
    ...below,
    '.rxtorrent',
    `${layout.id}.parts`,
    String(file),
  ]
  const indices = [...files.keys()].filter((file) => isOnDisk(files[file]!))
  /** Files whose bytes are in their parts. */
  const parted = new Set(indices.filter((file) => isThere(part(file)) && !isThere(own(file))))
  let isUndecided = parted.size > 0

  const place = (): StorageLayout => ({
    ...layout,
    files: files.map((file, index) => ({
      ...file,
      path: parted.has(index) ? part(index) : own(index),
      isPad: file.isPad || (file.length === 0 && !(wanted[index] ?? true)),
    })),
  })
  let placed = place()

  const select = (next: ReadonlyArray<boolean>): void => {
    wanted = next
    isUndecided = false
    for (const file of indices) {
      if (wanted[file] ?? true) {
        if (parted.delete(file)) volume.rename(part(file), own(file))
      } else if (!isThere(own(file))) parted.add(file)
    }
    placed = place()
  }

  return {
    layout: () => placed,
    directory: () => folder.join('/'),
    paths: () => files.map(({ path }) => path),
    select,
    decide: () => {
      if (isUndecided) select([])
    },
    stat: () =>
      files.map((file, index) =>
        isOnDisk(file) ? O.fromNullable(volume.stat(own(index)) ?? volume.stat(part(index))) : O.none,
      ),
    bytes: () => indices.reduce((sum, file) => sum + (volume.stat(placed.files[file]!.path)?.size ?? 0), 0),
    move: (directory) => {
      const to = folderOf(directory)
      if (to.join('/') === folder.join('/')) return E.right(undefined)
      const rival = indices.find((file) => isThere(own(file, to)) || isThere(part(file, to)))
      if (rival !== undefined) return E.left(storageError('move', files[rival]!.path, 'EEXIST'))
      for (const file of indices) {
        volume.rename(own(file), own(file, to))
        volume.rename(part(file), part(file, to))
      }
      folder = to
      placed = place()
      return E.right(undefined)
    },
    rename: (file, path) => {
      const renamed = renamedFiles(files, file, path, 'posix')
      if (E.isLeft(renamed)) return renamed
      const old = own(file)
      const fresh = [...folder, ...path]
      if (old.join('/') === fresh.join('/')) return E.right(undefined)
      if (isThere(fresh)) return E.left(storageError('rename', path, 'EEXIST'))
      volume.rename(old, fresh)
      files = renamed.right
      placed = place()
      return E.right(undefined)
    },
    remove: () => {
      for (const file of indices) {
        if ((volume.stat(own(file))?.size ?? 0) <= files[file]!.length) volume.remove(own(file))
        volume.remove(part(file))
      }
    },
  }
}

const folderOf = (directory: string): ReadonlyArray<string> => (directory === '' ? [] : [directory])

const isOnDisk = ({ isPad, symlink }: StorageFile): boolean => !isPad && symlink === undefined
