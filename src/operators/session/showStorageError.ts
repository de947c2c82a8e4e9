import { plainText } from '../../codecs/plainText.js'
import type { StorageError } from './storageError.js'

/**
 * A storage failure in one line for people. Paths and codes have their control characters written out.
 *
 * @example
 * ```ts
 * if (notice._tag === 'StorageFailed') console.error(showStorageError(notice.error)) // 'cannot write a.bin: disk full (ENOSPC)'
 * ```
 */
export const showStorageError = ({ kind, operation, file, code }: StorageError): string => {
  const what = file === '' ? `cannot ${operation}` : `cannot ${operation} ${plainText(file)}`
  return `${what}: ${kind.replaceAll('-', ' ')}${code === '' ? '' : ` (${plainText(code)})`}`
}
