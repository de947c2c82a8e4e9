import type { FileStat } from '../deps.js'
import { copySparseFile, createSparseFile, type SparseFile } from './sparseFile.js'

/** A file behind a write cache. */
export interface DiskFile {
  /** What a reader sees. */
  readonly live: () => SparseFile
  readonly write: (offset: number, bytes: Uint8Array, at?: number) => void
  /** What its folder says of it: after a crash that may be of writes that are gone. */
  readonly stat: () => FileStat
  /** What was written is on the device. */
  readonly sync: () => void
  /**
   * The power goes: of the writes since the last `sync`, those that `survives` says yes to are left, whole; and so are
   * size and time, as the last of them made them, or as they were synced.
   */
  readonly crash: (survives: () => boolean) => void
}

const NEW: FileStat = { size: 0, mtimeMs: 0 }

const grown = ({ size }: FileStat, end: number, mtimeMs: number): FileStat => ({
  size: Math.max(size, end),
  mtimeMs,
})

export const createDiskFile = (): DiskFile => {
  let live = createSparseFile()
  let synced = createSparseFile()
  let unsynced: Array<{ readonly offset: number; readonly bytes: Uint8Array }> = []
  let stat: FileStat = NEW
  let syncedStat: FileStat = NEW

  const sync = (): void => {
    for (const { offset, bytes } of unsynced) synced.write(offset, bytes)
    unsynced = []
    syncedStat = stat
  }

  return {
    live: () => live,
    stat: () => stat,
    write: (offset, bytes, at = 0) => {
      live.write(offset, bytes)
      stat = grown(stat, offset + bytes.length, at)
      unsynced.push({ offset, bytes: bytes.slice() })
    },
    sync,
    crash: (survives) => {
      const isDirty = unsynced.length > 0
      unsynced = unsynced.filter(survives)
      if (isDirty && !survives()) stat = syncedStat
      sync()
      live = synced
      synced = copySparseFile(live)
    },
  }
}

/** A file without a cache: what is written stays, and takes half the memory. */
export const createSafeFile = (): DiskFile => {
  const live = createSparseFile()
  let stat: FileStat = NEW
  return {
    live: () => live,
    stat: () => stat,
    write: (offset, bytes, at = 0) => {
      live.write(offset, bytes)
      stat = grown(stat, offset + bytes.length, at)
    },
    sync: () => undefined,
    crash: () => undefined,
  }
}
