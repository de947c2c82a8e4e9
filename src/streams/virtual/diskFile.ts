import { copySparseFile, createSparseFile, type SparseFile } from './sparseFile.js'

/** A file behind a write cache. */
export interface DiskFile {
  /** What a reader sees. */
  readonly live: () => SparseFile
  readonly write: (offset: number, bytes: Uint8Array) => void
  /** What was written is on the device. */
  readonly sync: () => void
  /** The power goes: of the writes since the last `sync`, those that `survives` says yes to are left, whole. */
  readonly crash: (survives: () => boolean) => void
}

export const createDiskFile = (): DiskFile => {
  let live = createSparseFile()
  let synced = createSparseFile()
  let unsynced: Array<{ readonly offset: number; readonly bytes: Uint8Array }> = []

  const sync = (): void => {
    for (const { offset, bytes } of unsynced) synced.write(offset, bytes)
    unsynced = []
  }

  return {
    live: () => live,
    write: (offset, bytes) => {
      live.write(offset, bytes)
      unsynced.push({ offset, bytes: bytes.slice() })
    },
    sync,
    crash: (survives) => {
      unsynced = unsynced.filter(survives)
      sync()
      live = synced
      synced = copySparseFile(live)
    },
  }
}

/** A file without a cache: what is written stays, and takes half the memory. */
export const createSafeFile = (): DiskFile => {
  const live = createSparseFile()
  return { live: () => live, write: live.write, sync: () => undefined, crash: () => undefined }
}
