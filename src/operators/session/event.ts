import type { Option } from '#fp/Option'
import type { AnnounceResponse } from '../../codecs/announce.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { FileStat, RenamedFile, ResumeData, ResumeError } from '../../codecs/resume.js'
import type { TrackerError } from '../../codecs/trackerError.js'
import type { WireError, WireMessage } from '../../codecs/wire/message.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { SessionCommand } from './command.js'
import type { LongFile } from './longFile.js'
import type { StorageError } from './storageError.js'

/**
 * All that can happen to a session. The log of these, with the seed, is the whole story: the fold sees nothing else.
 * `at` is the session clock's time in milliseconds.
 */
export type SessionEvent =
  | StartedEvent
  | PeerEvent
  | DiskEvent
  | ResumeEvent
  | StorageOpEvent
  | NetworkEvent
  | TrackerEvent
  | TickEvent
  | CommandEvent
  | OptionFailedEvent
  | HashTurnEvent

/** The first event of every session, but for commands that were given with it. */
export interface StartedEvent {
  readonly _tag: 'Started'
  readonly at: number
}

export type PeerEvent =
  /** A wire is open and both handshakes are done. */
  | {
      readonly _tag: 'PeerConnected'
      readonly at: number
      readonly peer: PeerKey
      readonly address: PeerAddress
      readonly direction: 'incoming' | 'outgoing'
      readonly peerId: Uint8Array
      readonly reserved: Uint8Array
      /** Absent: it is not. */
      readonly isEncrypted?: boolean
    }
  /** All that one socket chunk completed. Payloads in it die with the turn. */
  | {
      readonly _tag: 'PeerBatch'
      readonly at: number
      readonly peer: PeerKey
      readonly messages: ReadonlyArray<WireMessage>
      readonly wireBytes: number
    }
  /** What was written has left: there is room for more. */
  | { readonly _tag: 'PeerDrained'; readonly at: number; readonly peer: PeerKey }
  /** Blocks went to the socket; `isFull` until the next `PeerDrained`. */
  | {
      readonly _tag: 'BlocksServed'
      readonly at: number
      readonly peer: PeerKey
      readonly bytes: number
      /** `bytes` and what frames them. */
      readonly wireBytes: number
      readonly isFull: boolean
    }
  /** A piece of the metadata went to the socket (BEP 9); as `BlocksServed`. */
  | {
      readonly _tag: 'MetadataServed'
      readonly at: number
      readonly peer: PeerKey
      readonly wireBytes: number
      readonly isFull: boolean
    }
  /** Hashes went to the socket (BEP 52); as `BlocksServed`. */
  | {
      readonly _tag: 'HashesServed'
      readonly at: number
      readonly peer: PeerKey
      readonly wireBytes: number
      readonly isFull: boolean
    }
  /** The connection is over, or never came to be. The last event of a key. */
  | {
      readonly _tag: 'PeerClosed'
      readonly at: number
      readonly peer: PeerKey
      readonly reason: PeerCloseReason
    }

/** Why a connection ended. */
export type PeerCloseReason =
  | { readonly _tag: 'SocketFailed'; readonly code: string }
  | { readonly _tag: 'EndedByPeer' }
  | { readonly _tag: 'BadWire'; readonly error: WireError }
  | { readonly _tag: 'HandshakeFailed'; readonly cause: 'timeout' | 'not-bittorrent' | 'wrong-infohash' }
  | { readonly _tag: 'ProtocolViolation'; readonly what: string }
  | { readonly _tag: 'SelfConnection' }
  | { readonly _tag: 'DuplicateConnection' }
  | { readonly _tag: 'Banned' }
  | {
      readonly _tag: 'NotNeeded'
      readonly why:
        | 'both-seeds'
        | 'too-many'
        | 'idle'
        | 'inactive'
        | 'stopping'
        /** It still owed an answer when the pause began, or sent payload during it. */
        | 'paused'
        /** It has long given and taken nothing, and others wait for its place. */
        | 'useless'
    }

export type DiskEvent =
  /**
   * `directory` is absent where the files are nowhere in particular, `longFiles` where there are none, `renamed` where all
   * have the torrent's paths: else it is the names that an earlier run gave them.
   */
  | {
      readonly _tag: 'StorageOpened'
      readonly at: number
      readonly directory?: string
      readonly renamed?: ReadonlyArray<RenamedFile>
      readonly longFiles?: ReadonlyArray<LongFile>
    }
  /** What a check found: `ok[i]` is 1 where piece `first + i` is there and right. Without `recheck`, the first check. */
  | {
      readonly _tag: 'PiecesChecked'
      readonly at: number
      readonly first: number
      readonly ok: Uint8Array
      readonly recheck?: number
    }
  | { readonly _tag: 'PieceVerified'; readonly at: number; readonly piece: number; readonly ok: boolean }
  /** The piece's bytes are gone, with a worker or from the storage: no peer's fault, but they must come again. */
  | { readonly _tag: 'PieceLost'; readonly at: number; readonly piece: number }
  | { readonly _tag: 'PieceWritten'; readonly at: number; readonly piece: number }
  /** One block of a piece that is too large for memory is in the storage. */
  | { readonly _tag: 'BlockWritten'; readonly at: number; readonly piece: number; readonly block: number }
  | { readonly _tag: 'Flushed'; readonly at: number }
  /** Blocks that a peer asked for could not be read. */
  | {
      readonly _tag: 'ServeFailed'
      readonly at: number
      readonly peer: PeerKey
      readonly piece: number
      readonly begin: number
      readonly length: number
      readonly blockLength: number
      readonly error: StorageError
    }
  /** `piece` is what the operation was about, -1 where it was about all; `bytes` what did not get written. */
  | {
      readonly _tag: 'StorageFailed'
      readonly at: number
      readonly piece: number
      readonly bytes: number
      readonly error: StorageError
    }

/** What became of a command about the files. */
export type StorageOpEvent =
  | {
      readonly _tag: 'MoveProgressed'
      readonly at: number
      readonly id: number
      readonly movedBytes: number
      readonly totalBytes: number
    }
  | { readonly _tag: 'StorageMoved'; readonly at: number; readonly id: number; readonly directory: string }
  | {
      readonly _tag: 'FileRenamed'
      readonly at: number
      readonly id: number
      readonly file: number
      readonly path: ReadonlyArray<string>
    }
  | { readonly _tag: 'DataRemoved'; readonly at: number; readonly id: number }
  | {
      readonly _tag: 'StorageOpFailed'
      readonly at: number
      readonly id: number
      readonly error: StorageError
    }
export type ResumeEvent =
  /** What an earlier run saved, if there is any and it can be read; and the files now, if the storage can tell. */
  | {
      readonly _tag: 'ResumeLoaded'
      readonly at: number
      readonly resume: Option<ResumeData>
      readonly stats: Option<ReadonlyArray<Option<FileStat>>>
      readonly problem: Option<ResumeError>
      /** Some of what is claimed may not be on the device yet: the same run of the system has it. */
      readonly isUnsynced?: boolean
    }
  | { readonly _tag: 'SlotFilled'; readonly at: number; readonly piece: number; readonly ok: boolean }
  /** The blocks that a save was to write first are in the storage, of these pieces. */
  | { readonly _tag: 'BlocksStored'; readonly at: number; readonly pieces: ReadonlyArray<number> }
  /** `isUnsynced`: some of what it claims may not be on the device yet. */
  | { readonly _tag: 'ResumeSaved'; readonly at: number; readonly isUnsynced?: boolean }
  | { readonly _tag: 'ResumeSaveFailed'; readonly at: number; readonly error: ResumeError | StorageError }
  | { readonly _tag: 'ResumeRemoved'; readonly at: number; readonly problem: Option<ResumeError> }

export type NetworkEvent =
  | { readonly _tag: 'Listening'; readonly at: number; readonly port: number }
  | { readonly _tag: 'ListenFailed'; readonly at: number; readonly code: string }
  /** Peers come by TCP alone. */
  | { readonly _tag: 'UtpListenFailed'; readonly at: number; readonly code: string }

export type TrackerEvent =
  | {
      readonly _tag: 'AnnounceSucceeded'
      readonly at: number
      readonly id: number
      readonly response: AnnounceResponse
    }
  | {
      readonly _tag: 'AnnounceFailed'
      readonly at: number
      readonly id: number
      readonly error: TrackerError
    }

/** The one timer: every time-out is a comparison with `at`. */
export interface TickEvent {
  readonly _tag: 'Tick'
  readonly at: number
}

/** An Observable that was given as an option ended in an error: what it said last stays. */
export interface OptionFailedEvent {
  readonly _tag: 'OptionFailed'
  readonly at: number
  readonly option: string
  readonly message: string
}

/** What else the loop had to do has had its turn: hashes that peers wait for can be made (BEP 52). */
export interface HashTurnEvent {
  readonly _tag: 'HashTurn'
  readonly at: number
}

export interface CommandEvent {
  readonly _tag: 'Command'
  readonly at: number
  readonly command: SessionCommand
}
