import { type Notice, showTrackerError } from '../../index.js'
import { trackerName } from '../trackerText.js'

/** A notice as a program reads it (`--json`); undefined for what the progress tells anyway. */
export const noticeEvent = (notice: Notice, pieceCount: number): object | undefined => {
  switch (notice._tag) {
    case 'Listening':
      return { event: 'listening', port: notice.port }
    case 'ListenFailed':
      return { event: 'listenFailed', code: notice.code }
    case 'UtpListenFailed':
      return { event: 'utpListenFailed', code: notice.code }
    case 'CheckDone':
      return {
        event: 'checked',
        havePieces: notice.havePieces,
        pieceCount,
        missingPieces: notice.missingPieces,
      }
    case 'PieceFailed':
      return { event: 'pieceFailed', piece: notice.piece }
    case 'PeerConnected':
      return { event: 'peerConnected', host: notice.host, port: notice.port, direction: notice.direction }
    case 'PeerClosed':
      return { event: 'peerClosed', host: notice.host, port: notice.port, ...closeReason(notice.reason) }
    case 'PeerBanned':
      return { event: 'peerBanned', host: notice.host, port: notice.port, piece: notice.piece }
    case 'AnnounceDone':
      return {
        event: 'announced',
        tracker: trackerName(notice.url),
        peers: notice.peers,
        warning: notice.warning ?? null,
      }
    case 'AnnounceFailed':
      return {
        event: 'announceFailed',
        tracker: trackerName(notice.url),
        reason: showTrackerError(notice.error),
      }
    case 'StorageFailed': {
      const { kind, operation, file, code } = notice.error
      return { event: 'storageFailed', kind, operation, file, code }
    }
    case 'ResumeRejected':
      return { event: 'resumeRejected', reason: notice.reason._tag, ...extentOf(notice.reason) }
    case 'ResumeSaveFailed':
      return {
        event: 'resumeSaveFailed',
        reason: notice.error._tag,
        code: 'code' in notice.error ? notice.error.code : null,
      }
    case 'PolicyFailed':
      return {
        event: 'policyFailed',
        policy: notice.policy,
        message: notice.message,
        count: notice.count,
      }
    case 'FilesForeign':
      return { event: 'filesForeign', files: notice.files }
    case 'PiecesGone':
      return { event: 'piecesGone', pieces: notice.pieces, file: notice.file }
    case 'FileTooLong':
      return { event: 'fileTooLong', file: notice.file, expected: notice.expected, actual: notice.actual }
    case 'CommandRefused':
    case 'OptionFailed':
    case 'Rechecked':
    case 'RecheckFailed':
    case 'PieceDone':
    case 'ResumeSaved':
    case 'Completed':
    // Told by the node itself.
    case 'DhtUnavailable':
    // Answers to what the command never asks.
    case 'MoveProgressed':
    case 'StorageMoved':
    case 'FileRenamed':
    case 'DataRemoved':
    case 'StorageOpFailed':
      return undefined
  }
}

type CloseReason = Extract<Notice, { _tag: 'PeerClosed' }>['reason']

/** How much is in question, where it is not all. */
const extentOf = (
  reason: Extract<Notice, { _tag: 'ResumeRejected' }>['reason'],
): { readonly files?: number; readonly pieces?: number } => {
  if (reason._tag === 'FilesChanged') return { files: reason.files.length }
  return reason._tag === 'MaybeLost' ? { pieces: reason.pieces } : {}
}

const closeReason = (reason: CloseReason): { readonly reason: string; readonly detail: string | null } => ({
  reason: reason._tag,
  detail: closeDetail(reason),
})

const closeDetail = (reason: CloseReason): string | null => {
  switch (reason._tag) {
    case 'SocketFailed':
      return reason.code
    case 'BadWire':
      return reason.error._tag
    case 'HandshakeFailed':
      return reason.cause
    case 'ProtocolViolation':
      return reason.what
    case 'NotNeeded':
      return reason.why
    default:
      return null
  }
}
