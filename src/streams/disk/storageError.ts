import type { StorageError } from '../deps.js'

/** libuv's word for a read beyond the end: the file is shorter than the torrent says. */
export const END_OF_FILE = 'EOF'

/** Answers an operation on a storage that has been let go. */
export const CLOSED = 'ECANCELED'

/** A path that a torrent could not have, or that another of its files has. */
export const UNSAFE = 'EINVAL'

const KINDS: Readonly<Record<string, StorageError['kind']>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'permission',
  EPERM: 'permission',
  ENOENT: 'missing',
  [END_OF_FILE]: 'missing',
  EROFS: 'read-only',
  EMFILE: 'too-many-files',
  ENFILE: 'too-many-files',
  ELOOP: 'conflict',
  ENOTDIR: 'conflict',
  EISDIR: 'conflict',
  EEXIST: 'conflict',
  [UNSAFE]: 'conflict',
  [CLOSED]: 'closed',
  ENOTSUP: 'unsupported',
}

/** A failed operation on a file of the torrent, sorted by its system code. */
export const storageError = (
  operation: StorageError['operation'],
  path: ReadonlyArray<string>,
  code: string,
): StorageError => ({
  _tag: 'StorageError',
  kind: KINDS[code] ?? 'io',
  operation,
  file: path.join('/'),
  code,
})
