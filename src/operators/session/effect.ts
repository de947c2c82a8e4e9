import type { FlushReach } from '../resume/syncedPieces.js'
import type { AnnounceRequest } from '../../codecs/announce.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { HashRange, WireMessage } from '../../codecs/wire/message.js'
import type { PartialPiece, ResumeData } from '../../codecs/resume.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { PeerCloseReason } from './event.js'
import type { LeafPiece } from './hashUploads.js'

/** All that a session can ask of the world. Each is answered, if at all, by events. */
export type SessionEffect =
  | { readonly _tag: 'OpenStorage' }
  /**
   * Which files are wanted, by index: before anything is written or looked for, and when it changes; not told while all
   * are and were. Answered only if it fails, as a failure to open.
   */
  | { readonly _tag: 'SelectFiles'; readonly wanted: ReadonlyArray<boolean> }
  /** Hash what is on disk: `PiecesChecked` until the last piece. `recheck` is given back with each. */
  | {
      readonly _tag: 'CheckPieces'
      readonly first: number
      readonly last: number
      readonly recheck?: number
    }
  /** End the check that is under way: no more of it is told. */
  | { readonly _tag: 'CancelCheck' }
  /** Let go of open files: what is read or written next is what is there then. */
  | { readonly _tag: 'ReleaseHandles' }
  | { readonly _tag: 'Listen' }
  | {
      readonly _tag: 'Dial'
      readonly peer: PeerKey
      readonly address: PeerAddress
      /** The other end dials us at this moment (BEP 55). */
      readonly isPunch?: boolean
    }
  /** Close the wire; `PeerClosed` follows with this reason. */
  | { readonly _tag: 'Close'; readonly peer: PeerKey; readonly reason: PeerCloseReason }
  /** In one buffer, in one write. */
  | { readonly _tag: 'Send'; readonly peer: PeerKey; readonly messages: ReadonlyArray<WireMessage> }
  /** Copy the block into the slot, within the turn: the payload is borrowed. */
  | {
      readonly _tag: 'StoreBlock'
      readonly slot: number
      readonly begin: number
      readonly payload: Uint8Array
    }
  /** Copy and write through, for a piece too large for a slot: `BlockWritten`. */
  | {
      readonly _tag: 'WriteBlock'
      readonly piece: number
      readonly block: number
      /** First byte, counted in the piece. */
      readonly begin: number
      readonly payload: Uint8Array
    }
  /** Hash the slot (or, with slot -1, the storage): `PieceVerified`. */
  | { readonly _tag: 'VerifyPiece'; readonly piece: number; readonly slot: number; readonly length: number }
  /** Write the slot to the storage: `PieceWritten`. */
  | { readonly _tag: 'WritePiece'; readonly piece: number; readonly slot: number; readonly length: number }
  /** Give the memory of all slots back. */
  | { readonly _tag: 'DropSlots' }
  /** Read `length` bytes at `begin` and send them as blocks of `blockLength`: `BlocksServed`. */
  | {
      readonly _tag: 'ServeBlocks'
      readonly peer: PeerKey
      readonly piece: number
      readonly begin: number
      readonly length: number
      readonly blockLength: number
    }
  /** Send a piece of the metadata (BEP 9) as a message of this id: `MetadataServed`. */
  | {
      readonly _tag: 'ServeMetadata'
      readonly peer: PeerKey
      readonly id: number
      readonly piece: number
    }
  /** Send hashes (BEP 52): `HashesServed`. */
  | {
      readonly _tag: 'ServeHashes'
      readonly peer: PeerKey
      readonly message: WireMessage & { readonly _tag: 'Hashes' }
    }
  /** Let the loop do what else there is, then `HashTurn`. */
  | { readonly _tag: 'AwaitHashTurn' }
  /** Read a piece, hash its blocks, and send what is wanted of them (BEP 52), or that there is nothing: `HashesServed`. */
  | {
      readonly _tag: 'ServeLeaves'
      readonly peer: PeerKey
      readonly range: HashRange
      readonly leaves: LeafPiece
    }
  | { readonly _tag: 'Flush' }
  /** Tell our DHT node of another. */
  | { readonly _tag: 'AddDhtNode'; readonly address: PeerAddress }
  | StorageOpEffect
  | { readonly _tag: 'CancelMove'; readonly id: number }
  /** Read what an earlier run saved, and what the files are now: `ResumeLoaded`. */
  | { readonly _tag: 'LoadResume' }
  /** Read blocks of a piece from the storage into its slot: `SlotFilled`. */
  | SlotEffect<'FillSlot'>
  /**
   * Write `blocks` from their slots (`BlocksStored`, where there are any), flush, look at the files, and save what was
   * claimed before the flush began: `ResumeSaved` or `ResumeSaveFailed`. Where the flush need not reach the device, what
   * may not be there yet is saved as that.
   */
  | {
      readonly _tag: 'SaveResume'
      readonly claims: ResumeClaims
      readonly reach: FlushReach
      readonly blocks: ReadonlyArray<SlotBlocks>
      /**
       * The first requests wait for it, or the end: it need not come to the device where what it says has not, and the
       * user chose none of it.
       */
      readonly isAwaited?: boolean
    }
  /** Take away what was saved: `ResumeRemoved`. */
  | { readonly _tag: 'RemoveResume' }
  | {
      readonly _tag: 'Announce'
      readonly id: number
      readonly url: string
      readonly request: AnnounceRequest
    }

/** Answered by an event of that id: what was asked for, or `StorageOpFailed`. */
export type StorageOpEffect =
  | { readonly _tag: 'MoveStorage'; readonly id: number; readonly directory: string }
  | {
      readonly _tag: 'RenameFile'
      readonly id: number
      readonly file: number
      readonly path: ReadonlyArray<string>
    }
  /** `vouched`, by file: a piece of it is had. */
  | { readonly _tag: 'RemoveData'; readonly id: number; readonly vouched: ReadonlyArray<boolean> }
/** Resume data but for what only the storage can tell. */
export type ResumeClaims = Omit<ResumeData, 'files' | 'unsynced'>

/** Blocks of a piece, as bits, and the slot that they are gathered in. */
export interface SlotBlocks extends PartialPiece {
  readonly slot: number
  /** What a block is here: the session's length can have changed by the time that this is done. */
  readonly blockLength: number
}

type SlotEffect<Tag extends string> = SlotBlocks & { readonly _tag: Tag }
