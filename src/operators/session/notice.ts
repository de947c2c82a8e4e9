import type { ResumeError } from '../../codecs/resume.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { PeerCloseReason } from './event.js'
import type { StorageError } from './storageError.js'

/** Something that happened and is worth telling at once: the elements of `alert$`. */
export type Notice =
  | { readonly _tag: 'Listening'; readonly at: number; readonly port: number }
  | { readonly _tag: 'ListenFailed'; readonly at: number; readonly code: string }
  | { readonly _tag: 'CheckDone'; readonly at: number; readonly havePieces: number }
  | { readonly _tag: 'PieceDone'; readonly at: number; readonly piece: number }
  | {
      readonly _tag: 'PieceFailed'
      readonly at: number
      readonly piece: number
      /** Who sent blocks of it. */
      readonly senders: ReadonlyArray<PeerKey>
    }
  /** Every piece is verified and flushed to the device. */
  | { readonly _tag: 'Completed'; readonly at: number }
  | {
      readonly _tag: 'PeerConnected'
      readonly at: number
      readonly peer: PeerKey
      readonly host: string
      readonly port: number
      readonly direction: 'incoming' | 'outgoing'
    }
  | {
      readonly _tag: 'PeerClosed'
      readonly at: number
      readonly peer: PeerKey
      readonly host: string
      readonly port: number
      readonly reason: PeerCloseReason
    }
  | {
      readonly _tag: 'PeerBanned'
      readonly at: number
      readonly host: string
      readonly port: number
      readonly piece: number
    }
  | {
      readonly _tag: 'AnnounceDone'
      readonly at: number
      readonly url: string
      readonly peers: number
      readonly warning: string | undefined
    }
  | {
      readonly _tag: 'AnnounceFailed'
      readonly at: number
      readonly url: string
      readonly error: TrackerError
    }
  | { readonly _tag: 'StorageFailed'; readonly at: number; readonly error: StorageError }
  /** What an earlier run saved cannot be trusted, in all or for some files: the data in question is checked. */
  | { readonly _tag: 'ResumeRejected'; readonly at: number; readonly reason: ResumeRejection }
  | { readonly _tag: 'ResumeSaved'; readonly at: number }
  /** Resume data could not be saved (or removed). The session goes on, and tries again. */
  | { readonly _tag: 'ResumeSaveFailed'; readonly at: number; readonly error: ResumeError | StorageError }
  | {
      /** A user's policy threw or answered nonsense; the default answered in its place. */
      readonly _tag: 'PolicyFailed'
      readonly at: number
      readonly policy: 'piece' | 'choke' | 'peer' | 'rate'
      readonly message: string
    }

/** Why resume data are not taken at their word. */
export type ResumeRejection =
  | ResumeError
  /** These files, by their place in the torrent, are not what they were: pieces in them are checked, others are not. */
  | { readonly _tag: 'FilesChanged'; readonly files: ReadonlyArray<number> }
  /** The storage cannot tell what the files are. */
  | { readonly _tag: 'FilesUnknown' }
