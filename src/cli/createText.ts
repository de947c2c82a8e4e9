import { showDecodeError, type CreateError } from '../index.js'
import { exitCode } from './exitCode.js'
import { plainText } from './format/plainText.js'
import { end, type End } from './output.js'
import { storageText } from './storageText.js'

/** Why no torrent could be made of `path`. */
export const createFailure = (path: string, error: CreateError): End => {
  switch (error._tag) {
    case 'StorageError':
      return end(exitCode.disk, storageText(error))
    case 'UnsupportedEntry':
      return end(exitCode.disk, `${plainText(error.file)} cannot be in a torrent: ${error.kind}`)
    case 'NothingToShare':
      return end(exitCode.disk, `there is not a single byte in ${plainText(path)}`)
    case 'InvalidDraft':
      return end(
        exitCode.usage,
        `no torrent can be made of ${plainText(path)}: ${showDecodeError(error.error)}`,
      )
  }
}
