import type { ResumeError } from '../../codecs/resume.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { SessionCommand } from './command.js'
import type { CheckProgress } from './state.js'
import type { PeerCloseReason, StorageOpEvent } from './event.js'
import type { StorageError } from './storageError.js'

/** What a user may have written: a decision, a stream that steers, a stream of limits. */
export type PolicyName = 'piece' | 'choke' | 'peer' | 'rate' | 'stream' | 'limits' | 'source'

/** Something that happened and is worth telling at once: the elements of `alert$`. */
export type Notice =
  | { readonly _tag: 'Listening'; readonly at: number; readonly port: number }
  | { readonly _tag: 'ListenFailed'; readonly at: number; readonly code: string }
  /** The UDP port of the same number could not be had: peers come by TCP alone. */
  | { readonly _tag: 'UtpListenFailed'; readonly at: number; readonly code: string }
  | {
      readonly _tag: 'CheckDone'
      readonly at: number
      /** All that are there, wanted or not. */
      readonly havePieces: number
      /** Wanted, and not there or not right. */
      readonly missingPieces: number
    }
  /**
   * After the first check, or once they are wanted, and before anything is written: these files, by their paths below
   * the download folder, were there although no earlier run tells of any, and hold nothing of the torrent. They are
   * written over. Told where resume data are kept, and the storage can look at its files.
   */
  | { readonly _tag: 'FilesForeign'; readonly at: number; readonly files: ReadonlyArray<string> }
  | { readonly _tag: 'PieceDone'; readonly at: number; readonly piece: number }
  | {
      readonly _tag: 'PieceFailed'
      readonly at: number
      readonly piece: number
      /** Who sent blocks of it. */
      readonly senders: ReadonlyArray<PeerKey>
    }
  /** Every wanted piece is verified and flushed. Again, if more is wanted and that has come too. */
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
  /** The DHT node of this session has no port of that family, by the system's code; the session goes on without. */
  | { readonly _tag: 'DhtUnavailable'; readonly at: number; readonly family: 4 | 6; readonly code: string }
  | { readonly _tag: 'StorageFailed'; readonly at: number; readonly error: StorageError }
  /**
   * What became of a command about the files, by its id. A failed one leaves the session and the files as they were, but
   * for `RemoveData`: the session ends all the same, its resume data is gone, and files may be.
   */
  | StorageOpEvent
  /** What an earlier run saved cannot be trusted, in all or for some files: the data in question is checked. */
  | { readonly _tag: 'ResumeRejected'; readonly at: number; readonly reason: ResumeRejection }
  | { readonly _tag: 'ResumeSaved'; readonly at: number }
  /** Resume data could not be saved (or removed). The session goes on, and tries again. */
  | { readonly _tag: 'ResumeSaveFailed'; readonly at: number; readonly error: ResumeError | StorageError }
  | {
      /**
       * A user's policy threw or answered nonsense. The default answered in its place; a stream policy that threw has
       * ended, what made no sense of what it said was left out.
       */
      readonly _tag: 'PolicyFailed'
      readonly at: number
      readonly policy: PolicyName
      readonly message: string
      /** How often since it was last told, this time included: at most once in 10 s for each policy and message. */
      readonly count: number
    }
  /** A command was malformed or made no sense, and was passed over; it is here as it came. */
  | {
      readonly _tag: 'CommandRefused'
      readonly at: number
      readonly command: SessionCommand
      readonly why: string
    }
  /** An Observable that was given as an option failed; the last value it gave stays. */
  | {
      readonly _tag: 'OptionFailed'
      readonly at: number
      readonly option: string
      readonly message: string
    }
  /** Pieces that were had are gone from the disk, or are not what they were: they are fetched again. */
  | {
      readonly _tag: 'PiecesGone'
      readonly at: number
      readonly pieces: ReadonlyArray<number>
      /** The file to blame, relative to the download folder; empty where it is not known. */
      readonly file: string
    }
  /**
   * A wanted file was found, when the storage was opened, to go on behind its end. Its pieces may be right all the same;
   * what comes after them is left as it is, before the torrent is complete and after.
   */
  | {
      readonly _tag: 'FileTooLong'
      readonly at: number
      /** Relative to the download folder. */
      readonly file: string
      /** Bytes that the torrent gives it, and that it has. */
      readonly expected: number
      readonly actual: number
    }
  /** A check that was asked for has come further; the last one of it `isDone`. */
  | { readonly _tag: 'Rechecked'; readonly at: number; readonly progress: CheckProgress }
  /** A check that was asked for broke off: what was known before stands. */
  | { readonly _tag: 'RecheckFailed'; readonly at: number; readonly error: StorageError }

/** Why resume data are not taken at their word. */
export type ResumeRejection =
  | ResumeError
  /** These files, by their place in the torrent, are not what they were: pieces in them are checked, others are not. */
  | { readonly _tag: 'FilesChanged'; readonly files: ReadonlyArray<number> }
  /** So many pieces were written shortly before the last run ended, and the system was started again since: they are checked. */
  | { readonly _tag: 'MaybeLost'; readonly pieces: number }
  /** The storage cannot tell what the files are. */
  | { readonly _tag: 'FilesUnknown' }
