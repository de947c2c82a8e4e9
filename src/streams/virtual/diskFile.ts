import { copySparseFile, createSparseFile, type SparseFile } from './sparseFile.js'

/** A file behind a write cache. */
export interface DiskFile {
  /** What a reader sees. */
  readonly live: () => SparseFile
  readonly write: (offset: number, bytes: Uint8Array, at?: number) => void
  /** When it was last written to. */
  readonly writtenAt: () => number
  /** What was written is on the device. */
  readonly sync: () => void
  /**
   * The power goes: of the writes since the last `sync`, those that `survives` says yes to are left, whole; so may be
   * the time of the last one.
   */
  readonly crash: (survives: () => boolean) => void
}

export const createDiskFile = (): DiskFile => {
  let live = createSparseFile()
  let synced = createSparseFile()
  let unsynced: Array<{ readonly offset: number; readonly bytes: Uint8Array }> = []
  let writtenAt = 0
  let syncedAt = 0

  const sync = (): void => {
    for (const { offset, bytes } of unsynced) synced.write(offset, bytes)
    unsynced = []
    syncedAt = writtenAt
  }

  return {
    live: () => live,
    writtenAt: () => writtenAt,
    write: (offset, bytes, at = 0) => {
      live.write(offset, bytes)
      writtenAt = at
      unsynced.push({ offset, bytes: bytes.slice() })
    },
    sync,
    crash: (survives) => {
      const isDirty = unsynced.length > 0
      unsynced = unsynced.filter(survives)
      if (isDirty && !survives()) writtenAt = syncedAt
      sync()
      live = synced
      synced = copySparseFile(live)
    },
  }
}

/** A file without a cache: what is written stays, and takes half the memory. */
export const createSafeFile = (): DiskFile => {
  const live = createSparseFile()
  let writtenAt = 0
  return {
    live: () => live,
    writtenAt: () => writtenAt,
    write: (offset, bytes, at = 0) => {
      live.write(offset, bytes)
      writtenAt = at
    },
    sync: () => undefined,
    crash: () => undefined,
  }
}
