import type { StorageError } from '../index.js'
import { plainText } from './format/plainText.js'

const WHY: Readonly<Record<StorageError['kind'], string>> = {
  'disk-full': 'the disk is full',
  permission: 'permission denied',
  missing: 'no such file or folder',
  'read-only': 'the file system is read-only',
  'too-many-files': 'too many open files',
  conflict: 'something else is in its place',
  io: 'input/output error',
  closed: 'the storage is closed',
  unsupported: 'this storage cannot do that',
}

/** A storage failure in one line for people. */
export const storageText = ({ kind, operation, file, code }: StorageError): string => {
  const what = file === '' ? `cannot ${operation}` : `cannot ${operation} ${plainText(file)}`
  return `${what}: ${WHY[kind]}${code === '' ? '' : ` (${plainText(code)})`}`
}

/** A failed call of the system, which `node:fs` threw, in one line for people. */
export const systemText = (what: string, path: string, error: unknown): string => {
  const why = REASONS.get(systemCode(error)) ?? (error instanceof Error ? error.message : String(error))
  return `cannot ${what} ${plainText(path)}: ${plainText(why)}`
}

/** The same of a code alone. */
export const codeText = (code: string): string => REASONS.get(code) ?? plainText(code)

/** `ENOENT` and the like, of what `node:fs` threw; empty where there is none. */
export const systemCode = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** Why there is no port to listen on, in one line for people. Port 0 left the choice to the system. */
export const listenText = (port: number, code: string): string => {
  const where = port === 0 ? 'any port' : `port ${String(port)}`
  const why = REASONS.get(code)
  return `cannot listen on ${where}: ${why === undefined ? plainText(code) : `${why} (${code})`}`
}

const REASONS = new Map([
  ['ENOENT', 'no such file or folder'],
  ['EACCES', 'permission denied'],
  ['EPERM', 'permission denied'],
  ['EISDIR', 'it is a folder'],
  ['ENOTDIR', 'part of the path is not a folder'],
  ['EEXIST', 'it is already there'],
  ['ENOSPC', 'the disk is full'],
  ['EROFS', 'the file system is read-only'],
  ['EMFILE', 'too many open files'],
  ['ELOOP', 'its symlinks lead in a circle'],
  ['EADDRINUSE', 'it is in use'],
])
