import type { Option } from '#fp/Option'
import type { PeerKey } from '../peer/peerKey.js'
import type { CandidateState } from '../peer/policy.js'
import type { TrackerState } from '../tracker/tiers.js'
import type { StorageError } from './storageError.js'

/**
 * A session at one moment: immutable, structurally shared between moments (what did not change keeps its identity).
 * Sizes in bytes, rates in bytes per second, times in milliseconds of the session's clock.
 */
export interface SessionState {
  readonly at: number
  readonly phase: SessionPhase
  /** What the session was told to do; `phase` says what has come of it. */
  readonly desired: DesiredState
  readonly storage: StorageHealth
  /** Where the files are; empty where they are nowhere in particular. */
  readonly directory: string
  /** The port that we listen on; none until listening. */
  readonly port: Option<number>
  /** The one that a gateway leads to it, which peers outside reach us at (`SetExternalPort`); none where none is known. */
  readonly externalPort: Option<number>
  readonly progress: Progress
  /** One for each of `metainfo.files`, pad files included. */
  readonly files: ReadonlyArray<FileState>
  readonly bitfield: Bitfield
  readonly pieces: PiecesState
  /** Bytes in a request. */
  readonly blockLength: number
  readonly peers: ReadonlyArray<PeerState>
  /** Addresses that may be dialled, those of connected peers among them. The same array while nothing changes. */
  readonly candidates: ReadonlyArray<CandidateState>
  /** Connections being opened. */
  readonly dialling: number
  readonly trackers: ReadonlyArray<TrackerState>
  readonly rates: Rates
  readonly totals: Totals
  readonly limits: Limits
  /** Payload over all runs that resume data tell of, this one included. */
  readonly lifetime: Lifetime
  /** When the torrent first came to a session, in milliseconds since 1970; 0 where nobody knows. */
  readonly addedAt: number
  /** Nothing is asked for before the first word on which files are wanted. */
  readonly awaitsPriorities: boolean
}

/**
 * `opening` the storage, `checking` what is on disk, `downloading`, `seeding` (all that is wanted is there), `pausing`
 * (what is under way comes to its end), `paused` (no payload moves; connections are kept), `stalled` by a storage failure
 * (see `storage`; tried again on a timer), `stopping` (last announce, flush), `stopped`.
 */
export type SessionPhase =
  | 'opening'
  | 'checking'
  | 'downloading'
  | 'seeding'
  | 'pausing'
  | 'paused'
  | 'stalled'
  | 'stopping'
  | 'stopped'

/** What a session can be told to be. `stopped` is for good. */
export type DesiredState = 'running' | 'paused' | 'stopped'

/** Whether the storage does what it is asked; `retryAt` is when it is tried again. */
export type StorageHealth =
  | { readonly _tag: 'Healthy' }
  | { readonly _tag: 'Stalled'; readonly error: StorageError; readonly retryAt: number }

/** How far a check of what is on disk has come. */
export interface CheckProgress {
  readonly pieceCount: number
  readonly checkedPieces: number
  /** Of those checked: there and right. */
  readonly havePieces: number
  /** The last one: from here on the session goes by what was found. */
  readonly isDone: boolean
}

export interface Progress {
  readonly pieceCount: number
  /** Pieces verified and written. */
  readonly havePieces: number
  readonly totalBytes: number
  readonly haveBytes: number
  /** `haveBytes / totalBytes`; 1 for an empty torrent. */
  readonly fraction: number
  /** Share of the pieces looked at while `checking`; none otherwise. */
  readonly checked: Option<number>
  /** Bytes of the pieces that are wanted, and how many of them are verified and written. */
  readonly wantedBytes: number
  readonly wantedHaveBytes: number
  /** Every piece that is wanted is verified and flushed. */
  readonly isDone: boolean
  /** Every piece is verified and flushed. */
  readonly isComplete: boolean
}

/** One file of the torrent. */
export interface FileState {
  /** Where it is below the folder: as in `metainfo.files`, or what it was renamed to. */
  readonly path: ReadonlyArray<string>
  readonly length: number
  /** 0: not wanted; else the higher, the sooner, up to 7. */
  readonly priority: number
  /** Bytes in pieces that are verified and written. */
  readonly haveBytes: number
  /** All of it is. */
  readonly isDone: boolean
}

/** Which pieces are verified and on disk: bit 7 of byte 0 is piece 0 (BEP 3). Never changes once emitted. */
export interface Bitfield {
  readonly pieceCount: number
  readonly bytes: Uint8Array
}

/** One entry a piece. Never changes once emitted. */
export interface PiecesState {
  /** See `pieceStatus`. */
  readonly status: Uint8Array
  /** Connected peers that have the piece. */
  readonly availability: Uint16Array
  /** 0: not wanted. */
  readonly priority: Uint8Array
}

/** The values in `PiecesState.status`. */
export const pieceStatus = { missing: 0, partial: 1, verifying: 2, have: 3 } as const

export interface PeerState {
  readonly key: PeerKey
  readonly host: string
  readonly port: number
  readonly direction: 'incoming' | 'outgoing'
  /** Whether what goes over the connection is encrypted (MSE, RC4). */
  readonly isEncrypted: boolean
  /** Client name and version: the extended handshake's `v`, else read from the peer id. */
  readonly client: string
  readonly amChoking: boolean
  readonly amInterested: boolean
  readonly peerChoking: boolean
  readonly peerInterested: boolean
  readonly isSnubbed: boolean
  readonly isSeed: boolean
  /** Share of the pieces that the peer has. */
  readonly fraction: number
  readonly downRate: number
  readonly upRate: number
  readonly downloaded: number
  readonly uploaded: number
  /** Requests sent and not answered. */
  readonly outstanding: number
}

export interface Rates {
  /** Payload. */
  readonly down: number
  readonly up: number
  /** Seconds until all that is wanted is there, at the present rate; none when nothing moves or nothing is left. */
  readonly eta: Option<number>
}

/** What holds for all peers together: the least of the rate policy's, the session's and the client's limit. */
export interface Limits {
  /** Bytes of payload per second; `Infinity` for no limit. */
  readonly down: number
  readonly up: number
  /** Within the last second a peer had to wait for this limit: more would move if it were higher. */
  readonly isDownHeld: boolean
  readonly isUpHeld: boolean
}

/** Bytes over all runs. */
export interface Lifetime {
  readonly downloaded: number
  readonly uploaded: number
}

/** Bytes since the session started. */
export interface Totals {
  /** Payload that was asked for. */
  readonly downloaded: number
  readonly uploaded: number
  /** Everything on peer connections in this direction, protocol included. */
  readonly wireDown: number
  readonly wireUp: number
  /** Payload that came twice or unasked. */
  readonly wasted: number
  /** Payload of pieces that failed their hash. */
  readonly corrupt: number
}
