import { PRIVATE_FOLDER } from '../../../codecs/privateFolder.js'
import type { StorageFile, StorageLayout } from '../../deps.js'
import type { Folders } from '../folders.js'

/** Where the files of a torrent are. Changed only by who has the gate for himself. */
export interface Tree {
  root: string
  folders: Folders
  files: ReadonlyArray<StorageFile>
  /** The part file; as a file, it has the number after the last one. */
  readonly part: StorageFile
}

export const fileAt = ({ files, part }: Tree, index: number): StorageFile => files[index] ?? part

/** Neither a pad file nor a symlink. */
export const isOnDisk = ({ isPad, symlink }: StorageFile): boolean => !isPad && symlink === undefined

/** What a flush makes, having no byte that somebody writes. */
export const isBare = ({ isPad, length, symlink }: StorageFile): boolean =>
  !isPad && (length === 0 || symlink !== undefined)

/** Files that can have bytes in the part file. */
export const hasBytes = (file: StorageFile): boolean => isOnDisk(file) && file.length > 0

export const partPath = (id: string): ReadonlyArray<string> => [PRIVATE_FOLDER, `${id}.parts`]

export const resumePath = (id: string): ReadonlyArray<string> => [PRIVATE_FOLDER, `${id}.resume`]

/** The torrent itself, where it came by a magnet link. */
export const torrentPath = (id: string): ReadonlyArray<string> => [PRIVATE_FOLDER, `${id}.torrent`]

/** Of a move that is under way: beside the files that it takes. */
export const journalPath = (id: string): ReadonlyArray<string> => [PRIVATE_FOLDER, `${id}.moving`]

/** What belongs to one open storage at a time. */
export const claimedPaths = ({ id, files }: StorageLayout): ReadonlyArray<ReadonlyArray<string>> => [
  ...files.filter(isOnDisk).map(({ path }) => path),
  partPath(id),
]
