import type { TrackerError } from '../../codecs/trackerError.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { SessionCommand } from './command.js'
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
  /** Every wanted piece is verified and flushed to the device. Again, if more is wanted and that has come too. */
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
  | {
      /** A command that says what cannot be: it changed nothing. */
      readonly _tag: 'CommandRefused'
      readonly at: number
      readonly command: SessionCommand['_tag']
      readonly message: string
    }
  | {
      /** A user's policy threw or answered nonsense; the default answered in its place. */
      readonly _tag: 'PolicyFailed'
      readonly at: number
      readonly policy: 'piece' | 'choke' | 'peer' | 'rate'
      readonly message: string
    }
