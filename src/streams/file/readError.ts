import { showStorageError } from '../../operators/session/showStorageError.js'
import type { StorageError } from '../deps.js'

/** Why a read of a file ended before its last byte. */
export type ReadError =
  /** The torrent has no file of that index. */
  | { readonly _tag: 'NoSuchFile'; readonly index: number }
  /** Not two whole numbers with 0 ≤ `start` ≤ `end` ≤ `length`, the file's length. */
  | { readonly _tag: 'BadRange'; readonly start: number; readonly end: number; readonly length: number }
  /** The session stopped, or was left, while something was still to come. */
  | { readonly _tag: 'SessionStopped' }
  | { readonly _tag: 'StorageFailed'; readonly error: StorageError }

/**
 * Why a read ended early, in one line for people.
 *
 * @example
 * ```ts
 * torrent.file(0).read().chunk$.subscribe((chunk) => {
 *   if (E.isLeft(chunk)) console.error(showReadError(chunk.left))
 * })
 * ```
 */
export const showReadError = (error: ReadError): string => {
  switch (error._tag) {
    case 'NoSuchFile':
      return `the torrent has no file ${String(error.index)}`
    case 'BadRange':
      return `no range of a file of ${String(error.length)} bytes: ${String(error.start)} to ${String(error.end)}`
    case 'SessionStopped':
      return 'the session stopped'
    case 'StorageFailed':
      return showStorageError(error.error)
  }
}
