/** Why the storage could not do what it was asked. */
export interface StorageError {
  readonly _tag: 'StorageError'
  readonly kind:
    | 'disk-full'
    | 'permission'
    | 'missing'
    | 'read-only'
    | 'too-many-files'
    | 'conflict'
    | 'io'
    | 'closed'
    /** This kind of storage cannot do it. */
    | 'unsupported'
  readonly operation: 'open' | 'read' | 'write' | 'flush' | 'hash' | 'stat' | 'move' | 'rename' | 'remove'
  /** The file, relative to the download folder; empty where none is to blame. */
  readonly file: string
  /** The system's code, `ENOSPC` for one; empty where there is none. */
  readonly code: string
}
