import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { TransportProtocol } from '../../codecs/portMapping/natPmp.js'
import type { CandidateSource } from '../peer/policy.js'
import type { DesiredState } from './state.js'

/**
 * What a session can be told. An `id` is the asker's own, a whole number from 0 on: those below are of what the session
 * itself asks (`hashCheck`, `move`, `read` …).
 */
export type SessionCommand =
  /** Announces `stopped`, flushes, and completes every stream of the session. */
  | { readonly _tag: 'Stop' }
  /** `stopped` is `Stop`, and for good. */
  | { readonly _tag: 'SetDesired'; readonly desired: DesiredState }
  /** The user's own unless `source` says otherwise: those are never forgotten. */
  | {
      readonly _tag: 'AddPeers'
      readonly peers: ReadonlyArray<PeerAddress>
      readonly source?: CandidateSource
    }
  | { readonly _tag: 'Ban'; readonly host: string }
  /** The UDP port of our DHT node, 0 for none: peers are told of it (BEP 5). */
  | { readonly _tag: 'SetDhtPort'; readonly port: number }
  /**
   * The gateway leads that port of its own to the one that we listen on (`udp`: to that of our DHT node); 0: none does.
   * Trackers, peers and public sources are told of it instead.
   */
  | { readonly _tag: 'SetExternalPort'; readonly protocol: TransportProtocol; readonly port: number }
  /** Our DHT node has no port of that family: it is taken, or was lost. Told of as `DhtUnavailable`. */
  | { readonly _tag: 'ReportDhtFailure'; readonly family: 4 | 6; readonly code: string }
  /** One more tier, after those there are (BEP 12); URLs that are known already are left out. */
  | { readonly _tag: 'AddTrackers'; readonly urls: ReadonlyArray<string> }
  /** It hears `stopped` if it heard `started`. */
  | { readonly _tag: 'RemoveTracker'; readonly url: string }
  /** Bytes in a request: a power of two from 1 KiB to 16 KiB. What came of pieces under way is thrown away. */
  | { readonly _tag: 'SetBlockLength'; readonly blockLength: number }
  /** Peers at most, and how many of them may download from us at once. Who is too many goes, the least useful first. */
  | { readonly _tag: 'SetConnectionLimits'; readonly connections: number; readonly unchokeSlots: number }
  /** Hash all that is on disk and believe that instead of what was known; nothing is asked or served meanwhile. */
  | { readonly _tag: 'Recheck'; readonly id: number }
  /** Whoever asked under this `id` no longer wants it; the last one ends the check, and nothing has changed. */
  | { readonly _tag: 'CancelRecheck'; readonly id: number }
  /**
   * Bytes of pieces under way: begun, and not yet written; what is under way beyond that comes to its end. Two pieces there
   * may always be, and one more for a peer that would have nothing to do, or for a reader; but never more than 64 MiB.
   */
  | { readonly _tag: 'SetMemory'; readonly bytes: number }
  /** Bytes of payload per second, `Infinity` for no limit, 0 for nothing. The least of the rate policy's, the session's
   * and the client's limit counts. */
  | {
      readonly _tag: 'SetLimits'
      readonly scope: 'session' | 'client'
      readonly down: number
      readonly up: number
    }
  /** As `SetLimits`, for a group of `SessionOptions.groups`. */
  | {
      readonly _tag: 'SetGroupLimits'
      readonly group: string
      readonly down: number
      readonly up: number
    }
  /** Something given by the user that emits has failed: told of as `PolicyFailed`. */
  | {
      readonly _tag: 'ReportFailure'
      readonly policy: 'limits' | 'stream' | 'source'
      readonly message: string
    }
  /** Saves resume data now, not when it is due: `ResumeSaved` or `ResumeSaveFailed` tells how it went. */
  | { readonly _tag: 'SaveResume' }
  /**
   * What each file is worth: one whole number for each of `metainfo.files`, 0 (not wanted) to 7 (first), 4 by default.
   * A piece counts as its most wanted file. What is not wanted any more is asked for no longer; what was not, now is.
   */
  | { readonly _tag: 'SetPriorities'; readonly priorities: ReadonlyArray<number> }
  /**
   * A reader needs the pieces `first … last`, in order, ahead of all else, wanted or not. The same `id` again moves the
   * window.
   */
  | { readonly _tag: 'SetWindow'; readonly id: number; readonly first: number; readonly last: number }
  | { readonly _tag: 'ClearWindow'; readonly id: number }
  /** A reader found the piece missing from the disk, for the sake of `file`. If it was had, it is `PiecesGone`. */
  | {
      readonly _tag: 'ReportGone'
      readonly piece: number
      readonly file: string
      /** The file is not there at all. */
      readonly isWholeFile: boolean
    }
  | StorageCommand

/** What is to be done with the files. `id` is the asker's: the notices about it carry it. */
export type StorageCommand =
  /** Closes files until they are needed; no notice. */
  | { readonly _tag: 'ReleaseHandles' }
  /** To another folder, while the session goes on: `MoveProgressed`, then `StorageMoved`. */
  | { readonly _tag: 'MoveStorage'; readonly id: number; readonly directory: string }
  /** Gives up the move of that id: everything is put back, unless it is nearly done already. `StorageOpFailed`. */
  | { readonly _tag: 'CancelMove'; readonly id: number }
  /** `file` is an index of `metainfo.files`, `path` one below the folder: `FileRenamed`. */
  | {
      readonly _tag: 'RenameFile'
      readonly id: number
      readonly file: number
      readonly path: ReadonlyArray<string>
    }
  /** Stops the session and deletes its data: `DataRemoved`. */
  | { readonly _tag: 'RemoveData'; readonly id: number }
