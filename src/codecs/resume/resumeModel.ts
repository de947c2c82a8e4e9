import type { Option } from '#fp/Option'
import type { DecodeError } from '../errors.js'
import type { RenamedFile } from '../renameFiles.js'
import type { PeerAddress } from '../peerAddress.js'

/**
 * What a session knows of a torrent, to go on with later without a look at every byte. Each claim in it is about data
 * that was on the device before it was written, but for those of `unsynced`.
 */
export interface ResumeData {
  /** SHA-1 infohash of the torrent, or SHA-256 where it has no v1 half. */
  readonly infohash: Uint8Array
  /** Pieces verified and on disk: bit 7 of byte 0 is piece 0 (BEP 3). */
  readonly pieces: Uint8Array
  /** Which claims hold only for as long as the system keeps running; none where all is on the device. */
  readonly unsynced: Option<Unsynced>
  /** Bytes in the blocks that `partial` counts. */
  readonly blockLength: number
  /** Pieces of which some blocks are on disk, not verified; in ascending order. */
  readonly partial: ReadonlyArray<PartialPiece>
  /** By file of the torrent, from 0 (not wanted) to 7. */
  readonly priorities: ReadonlyArray<number>
  readonly peers: ReadonlyArray<PeerAddress>
  /** Announce URLs by tier, those of the torrent among them. */
  readonly trackers: ReadonlyArray<ReadonlyArray<string>>
  /** Announce URLs of the torrent that were removed. */
  readonly removedTrackers: ReadonlyArray<string>
  /** Payload bytes over all runs. */
  readonly totals: ResumeTotals
  /** By file of the torrent, as it was once all claimed was written; none where there is no such file. */
  readonly files: ReadonlyArray<Option<FileStat>>
  /** Files that lie under another path than the torrent's, in ascending order. */
  readonly renamed: ReadonlyArray<RenamedFile>
  /** When the torrent first came to a session, in milliseconds since 1970; 0 where nobody knows. */
  readonly addedAt: number
}

/** Data that the system had taken, and may not have put on the device yet. */
export interface Unsynced {
  /** The run of the system, from its boot to its end, that took it. */
  readonly bootId: string
  /** Those of `ResumeData.pieces`, in its order. All of `partial` counts as unsynced too. */
  readonly pieces: Uint8Array
}

export interface PartialPiece {
  readonly piece: number
  /** Blocks on disk, as bits, in the order of `ResumeData.pieces`. */
  readonly blocks: Uint8Array
}

export interface ResumeTotals {
  readonly downloaded: number
  readonly uploaded: number
}

/** What a file system says of a regular file. */
export interface FileStat {
  readonly size: number
  /** When it was last written to, in milliseconds since 1970, fractions kept. */
  readonly mtimeMs: number
}

/** Why resume data are of no use, or were not kept. */
export type ResumeError =
  | { readonly _tag: 'ResumeTooLarge'; readonly allowed: number; readonly actual: number }
  /** Torn, or no resume data at all. */
  | { readonly _tag: 'ResumeMalformed'; readonly error: DecodeError }
  /** Well-formed, but not what was written: the digest is of something else. */
  | { readonly _tag: 'ResumeDamaged' }
  /** Written by a later release. */
  | { readonly _tag: 'ResumeVersionUnknown'; readonly version: number }
  /** Of another torrent. */
  | { readonly _tag: 'ResumeForeign' }
  /** A field says what cannot be true of this torrent. */
  | { readonly _tag: 'ResumeMismatch'; readonly field: ResumeField }
  /** The system's code, `ENOSPC` for one. */
  | {
      readonly _tag: 'ResumeStoreFailed'
      readonly operation: 'load' | 'save' | 'remove'
      readonly code: string
    }

export type ResumeField = 'pieces' | 'unsynced' | 'partial' | 'priorities' | 'files' | 'renamed'
