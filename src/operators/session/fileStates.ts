import type { FileEntry } from '../../codecs/metainfoModel.js'
import { isSamePath } from '../../codecs/renameFiles.js'
import { fileSpans } from '../piece/fileMap.js'
import { pieceSize } from '../piece/geometry.js'
import type { SessionModel } from './model.js'
import type { FileState } from './state.js'

/**
 * Keeps the files of a session's snapshots. Each look costs what has changed since the last one, pieces that came or
 * went and priorities, not files × pieces: torrents of 75 000 files exist. Entries that did not change keep their
 * identity, and so does the whole.
 */
export const createFileStates = (): ((model: SessionModel) => ReadonlyArray<FileState>) => {
  let states: ReadonlyArray<FileState> = []
  let priorities: Uint8Array | undefined
  let bits: Uint8Array | undefined
  let renamed: SessionModel['renamed'] | undefined
  let version = -1

  return (model) => {
    const { table, filePriorities, config } = model
    const { files } = config.metainfo
    if (priorities === undefined || bits === undefined) {
      states = files.map((file, index) => stateOf(file, filePriorities[index]!, 0))
      priorities = filePriorities
      bits = new Uint8Array(table.haveBits.length)
    }
    if (version !== table.version) {
      version = table.version
      const gained = bytesGained(bits, model)
      if (gained.size > 0) {
        bits = table.haveBits.slice()
        const next = states.slice()
        for (const [index, bytes] of gained) {
          const { priority, haveBytes } = next[index]!
          next[index] = stateOf(next[index]!, priority, haveBytes + bytes)
        }
        states = next
      }
    }
    if (priorities !== filePriorities) {
      priorities = filePriorities
      states = states.map((state, index) =>
        state.priority === filePriorities[index] ? state : { ...state, priority: filePriorities[index]! },
      )
    }
    if (renamed !== model.renamed) {
      renamed = model.renamed
      states = withPaths(states, files, renamed)
    }
    return states
  }
}

/** The same array where no path has changed. */
const withPaths = (
  states: ReadonlyArray<FileState>,
  files: ReadonlyArray<FileEntry>,
  renamed: SessionModel['renamed'],
): ReadonlyArray<FileState> => {
  const next = states.map((state, index) => {
    const path = renamed.get(index) ?? files[index]!.path
    return isSamePath(path, state.path) ? state : { ...state, path }
  })
  return next.some((state, index) => state !== states[index]) ? next : states
}

const stateOf = (
  { path, length }: Pick<FileState, 'path' | 'length'>,
  priority: number,
  haveBytes: number,
): FileState => ({
  path,
  length,
  priority,
  haveBytes,
  isDone: haveBytes === length,
})

/** By file: the bytes of the pieces that are had now and were not, less those that are had no longer. */
const bytesGained = (before: Uint8Array, { table, geometry, config }: SessionModel): Map<number, number> => {
  const gained = new Map<number, number>()
  const { haveBits } = table
  for (let byte = 0; byte < haveBits.length; byte++) {
    const changed = before[byte]! ^ haveBits[byte]!
    if (changed === 0) continue
    for (let piece = byte * 8; piece < Math.min(byte * 8 + 8, table.pieceCount); piece++) {
      const bit = 0x80 >> (piece & 7)
      if ((changed & bit) === 0) continue
      const sign = (haveBits[byte]! & bit) === 0 ? -1 : 1
      const offset = piece * geometry.pieceLength
      for (const { file, length } of fileSpans(config.metainfo.files, offset, pieceSize(geometry, piece))) {
        gained.set(file, (gained.get(file) ?? 0) + sign * length)
      }
    }
  }
  return gained
}
