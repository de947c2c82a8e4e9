import { basename, join } from 'node:path'
import { from, map, of, type Observable } from 'rxjs'
import { showDecodeError, type CreateError, type DecodeError } from '../index.js'
import { awkwardName } from './awkwardName.js'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'
import { storageText } from './storageText.js'

/** Why no torrent could be made of `path`. Emits once. */
export const createFailure = (path: string, error: CreateError): Observable<End> => {
  switch (error._tag) {
    case 'StorageError':
      return of(end(exitCode.disk, storageText({ ...error, file: placeOf(path, error.file) })))
    case 'UnsupportedEntry':
      return of(
        end(exitCode.disk, `${plainText(join(path, error.file))} ${UNSUPPORTED[error.kind]}: leave it out`),
      )
    case 'NothingToShare':
      return of(end(exitCode.disk, `there is not a single byte in ${plainText(path)}`))
    case 'InvalidDraft':
      return error.error._tag === 'LimitExceeded'
        ? of(end(exitCode.usage, `no torrent can be made of ${plainText(path)}: ${limitText(error.error)}`))
        : // Almost always a name. Of which file is not said: look for it.
          from(awkwardName(path).catch(() => undefined)).pipe(
            map((problem) =>
              end(
                problem === undefined ? exitCode.usage : exitCode.disk,
                problem ?? other(path, error.error),
              ),
            ),
          )
  }
}

/** As the user would write it: the library's paths are relative to what was asked for. */
const placeOf = (path: string, file: string): string => (file === basename(path) ? path : join(path, file))

const UNSUPPORTED: Readonly<Record<Extract<CreateError, { _tag: 'UnsupportedEntry' }>['kind'], string>> = {
  symlink: 'is a symlink, which cannot be in a torrent',
  special: 'is neither a file nor a folder',
  name: 'has a name that is not UTF-8',
}

const limitText = (error: Extract<DecodeError, { _tag: 'LimitExceeded' }>): string => {
  switch (error.limit) {
    case 'pieces':
      return `${String(error.actual)} pieces are too many (${String(error.allowed)} at most): give a longer --piece-length`
    case 'size':
      return `its .torrent file would be larger than ${String(error.allowed / 1e6)} MB: give a longer --piece-length`
    default:
      return showDecodeError(error)
  }
}

const other = (path: string, error: DecodeError): string =>
  `no torrent can be made of ${plainText(path)}: ${showDecodeError(error)}`
