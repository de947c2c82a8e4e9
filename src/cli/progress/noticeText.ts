import {
  type Notice,
  type ResumeRejection,
  showResumeError,
  showStorageError,
  showTrackerError,
  showAddress,
} from '../../index.js'
import { formatCount } from '../format/count.js'
import { plainText } from '../format/plainText.js'
import { tooLongText } from '../tooLongText.js'
import { trackerName } from '../trackerText.js'

const times = (count: number): string => (count === 1 ? '' : ` ${String(count)} times`)

/** A notice that a person wants to hear of, in one line; undefined for the many others. */
export const noticeText = (notice: Notice, pieceCount: number): string | undefined => {
  switch (notice._tag) {
    case 'Listening':
      return `listening on port ${String(notice.port)}`
    case 'ListenFailed':
      return `cannot listen (${plainText(notice.code)}): others cannot connect to us`
    case 'UtpListenFailed':
      return `no uTP (${plainText(notice.code)}): peers come by TCP alone`
    case 'CheckDone':
      return notice.havePieces === 0
        ? undefined
        : `${String(notice.havePieces)} of ${formatCount(pieceCount, 'piece')} already there`
    case 'FilesForeign':
      return foreignText(notice.files)
    case 'PieceFailed':
      return `piece ${String(notice.piece)} came damaged: it is fetched again`
    case 'PeerBanned':
      return `${plainText(showAddress(notice))} sent damaged data: banned`
    case 'AnnounceDone':
      return notice.warning === undefined
        ? undefined
        : `tracker ${trackerName(notice.url)} warns: ${plainText(notice.warning)}`
    case 'AnnounceFailed':
      return `tracker ${trackerName(notice.url)}: ${showTrackerError(notice.error)}`
    case 'ResumeRejected':
      return `${rejectionText(notice.reason)}: checking`
    case 'ResumeSaveFailed':
      return notKeptText(notice.error)
    case 'PolicyFailed':
      return `the ${notice.policy} policy failed${times(notice.count)}: ${plainText(notice.message)}`
    case 'PiecesGone':
      return `${formatCount(notice.pieces.length, 'piece')} gone from the disk or changed there: fetched again`
    case 'FileTooLong':
      return `${tooLongText(notice)}: its end is left as it is`
    case 'CommandRefused':
      return `${notice.command._tag} refused: ${plainText(notice.why)}`
    case 'OptionFailed':
      return `the ${notice.option} option failed: ${plainText(notice.message)}`
    default:
      return undefined
  }
}

const foreignText = ([first = '', ...rest]: ReadonlyArray<string>): string =>
  rest.length === 0
    ? `${plainText(first)} is there already, and nothing of it was found right: overwritten`
    : `${plainText(first)} and ${formatCount(rest.length, 'more file')} are there already, and nothing of them was found right: overwritten`

const rejectionText = (reason: ResumeRejection): string => {
  switch (reason._tag) {
    case 'FilesChanged':
      return `${formatCount(reason.files.length, 'file')} changed since the last run was saved`
    case 'MaybeLost':
      return `the system was started again since ${formatCount(reason.pieces, 'piece')} had been written, and may not have kept them`
    case 'FilesUnknown':
      return 'nobody can tell whether the files changed since the last run'
    default:
      return plainText(showResumeError(reason))
  }
}

const notKeptText = (error: Extract<Notice, { _tag: 'ResumeSaveFailed' }>['error']): string => {
  const what = error._tag === 'StorageError' ? showStorageError(error) : plainText(showResumeError(error))
  const isRemoval = error._tag === 'ResumeStoreFailed' && error.operation === 'remove'
  return isRemoval ? what : `${what}: the next start may have to check all files`
}
