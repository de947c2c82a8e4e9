import { plainText } from '../../codecs/plainText.js'
import type { StorageError } from './storageError.js'

/** A storage failure in one line for people. */
export const showStorageError = ({ kind, operation, file, code }: StorageError): string => {
  const what = file === '' ? `cannot ${operation}` : `cannot ${operation} ${plainText(file)}`
  return `${what}: ${kind.replaceAll('-', ' ')}${code === '' ? '' : ` (${plainText(code)})`}`
}
