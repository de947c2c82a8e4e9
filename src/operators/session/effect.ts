import type { AnnounceRequest } from '../../codecs/announce.js'
import type { PeerAddress } from '../../codecs/peerAddress.js'
import type { WireMessage } from '../../codecs/wire/message.js'
import type { PeerKey } from '../peer/peerKey.js'
import type { PeerCloseReason } from './event.js'

/** All that a session can ask of the world. Each is answered, if at all, by events. */
export type SessionEffect =
  | { readonly _tag: 'OpenStorage' }
  /**
   * Which files are wanted, by index: before anything is written or looked for, and when it changes; not told while all
   * are and were. Answered only if it fails, as a failure to open.
   */
  | { readonly _tag: 'SelectFiles'; readonly wanted: ReadonlyArray<boolean> }
  /** Hash what is on disk: `PiecesChecked` until the last piece. */
  | { readonly _tag: 'CheckPieces'; readonly first: number; readonly last: number }
  | { readonly _tag: 'Listen' }
  | { readonly _tag: 'Dial'; readonly peer: PeerKey; readonly address: PeerAddress }
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
  | { readonly _tag: 'Flush' }
  | {
      readonly _tag: 'Announce'
      readonly id: number
      readonly url: string
      readonly request: AnnounceRequest
    }
