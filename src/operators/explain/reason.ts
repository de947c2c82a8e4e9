import type { Option } from '#fp/Option'
import type { TrackerError } from '../../codecs/trackerError.js'
import type { StorageError } from '../session/storageError.js'

/** Why nothing, or little, is moving. Times in milliseconds of the session's clock, as `SessionState.at`. */
export type Reason =
  /** A client's queue holds it back. */
  | { readonly _tag: 'Queued' }
  | { readonly _tag: 'Opening' }
  | { readonly _tag: 'Checking'; readonly fraction: number }
  /** `isDraining` while the last blocks are on their way. */
  | { readonly _tag: 'Paused'; readonly isDraining: boolean }
  /** `isOver` once every stream has completed. */
  | { readonly _tag: 'Stopped'; readonly isOver: boolean }
  | { readonly _tag: 'DiskFailed'; readonly error: StorageError; readonly retryAt: number }
  /** Which files are wanted has not been said yet. */
  | { readonly _tag: 'WaitingForSelection' }
  /** Something is missing, but no file that has it is wanted. */
  | { readonly _tag: 'NothingWanted' }
  /** All that is wanted is here: nothing is left to download. */
  | { readonly _tag: 'Done' }
  /** Nobody is connected yet, but so many are being dialled. */
  | { readonly _tag: 'Connecting'; readonly dialling: number }
  /** Nobody is connected or being dialled; `candidates` are known, and dialled when their wait is over. */
  | { readonly _tag: 'NoPeers'; readonly candidates: number; readonly trackers: TrackerOutlook }
  /** No connected peer has a piece that is wanted: `count` pieces, the first sixteen by index. */
  | { readonly _tag: 'NoPeerHasMissing'; readonly count: number; readonly pieces: ReadonlyArray<number> }
  /** Each of the peers that could give (`by: 'peers'`) or wants (`by: 'us'`) something is choked. */
  | { readonly _tag: 'AllChoked'; readonly by: 'peers' | 'us'; readonly peers: number }
  /** Those who unchoke us owe blocks and have sent none for long. */
  | { readonly _tag: 'AllSnubbed'; readonly peers: number }
  /** So many blocks are asked for, and none has come for a while. */
  | { readonly _tag: 'Stalled'; readonly outstanding: number }
  /** So many pieces wait to be verified and written, and more would not fit in memory. */
  | { readonly _tag: 'DiskBusy'; readonly pieces: number }
  /** No peer wants anything that is here. */
  | { readonly _tag: 'NotInterested'; readonly peers: number }
  /** The speed is at its limit, in bytes per second. */
  | { readonly _tag: 'Limited'; readonly direction: 'down' | 'up'; readonly limit: number }

/** Whether trackers will bring peers. A tracker is named by scheme and host only: the rest may be a passkey. */
export type TrackerOutlook =
  | { readonly _tag: 'NoTrackers' }
  | { readonly _tag: 'Announcing' }
  /** One works, or none has been asked yet. */
  | { readonly _tag: 'Waiting'; readonly nextAnnounceAt: Option<number> }
  /** All that were asked failed; this one is the next to be tried again. */
  | {
      readonly _tag: 'AllFailed'
      readonly tracker: string
      readonly error: TrackerError
      readonly nextAnnounceAt: Option<number>
    }
