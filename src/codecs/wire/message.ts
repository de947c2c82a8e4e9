/**
 * The messages of the peer wire, as data. BEP 3 (core), BEP 6 (fast), BEP 10 (extended), BEP 5 (port),
 * BEP 52 (hashes).
 *
 * `Uint8Array`s inside a decoded message are borrowed views of the socket's read buffer: they are valid until the
 * turn that delivered them ends. What must live longer is copied by whoever keeps it.
 */
export type WireMessage =
  | { readonly _tag: 'KeepAlive' }
  | { readonly _tag: 'Choke' }
  | { readonly _tag: 'Unchoke' }
  | { readonly _tag: 'Interested' }
  | { readonly _tag: 'NotInterested' }
  | { readonly _tag: 'Have'; readonly piece: number }
  | { readonly _tag: 'Bitfield'; readonly bits: Uint8Array }
  | { readonly _tag: 'Request'; readonly piece: number; readonly begin: number; readonly length: number }
  | { readonly _tag: 'Piece'; readonly piece: number; readonly begin: number; readonly payload: Uint8Array }
  | { readonly _tag: 'Cancel'; readonly piece: number; readonly begin: number; readonly length: number }
  | { readonly _tag: 'Port'; readonly port: number }
  | { readonly _tag: 'SuggestPiece'; readonly piece: number }
  | { readonly _tag: 'HaveAll' }
  | { readonly _tag: 'HaveNone' }
  | {
      readonly _tag: 'RejectRequest'
      readonly piece: number
      readonly begin: number
      readonly length: number
    }
  | { readonly _tag: 'AllowedFast'; readonly piece: number }
  | { readonly _tag: 'Extended'; readonly id: number; readonly payload: Uint8Array }
  | ({ readonly _tag: 'HashRequest' } & HashRange)
  /** `hashes`: those of the range, in order, then the uncles on the way up, 32 bytes each. */
  | ({ readonly _tag: 'Hashes'; readonly hashes: Uint8Array } & HashRange)
  | ({ readonly _tag: 'HashReject' } & HashRange)
  /** A message id that we do not know (BEP 3: tolerate). Its payload was skipped, not kept. */
  | { readonly _tag: 'Unknown'; readonly id: number; readonly length: number }

/** A stretch of one layer of a file's hash tree, and how much of the proof for it (BEP 52). */
export interface HashRange {
  /** The file's `pieces root`. */
  readonly root: Uint8Array
  /** Layers between the leaves, one for each 16 KiB, and the hashes. */
  readonly baseLayer: number
  /** The first hash, counted in its layer. */
  readonly index: number
  readonly length: number
  /** Layers above the hashes up to which uncles are wanted. */
  readonly proofLayers: number
}

/** Why a peer's byte stream cannot be read any further. The connection is over; nothing after it is decoded. */
export type WireError =
  | { readonly _tag: 'MessageTooLong'; readonly length: number; readonly allowed: number }
  | { readonly _tag: 'WrongLength'; readonly id: number; readonly length: number }
  | { readonly _tag: 'NotBitTorrent' }

/** The 68 bytes that open a connection (BEP 3). */
export interface Handshake {
  readonly infohash: Uint8Array
  readonly peerId: Uint8Array
  readonly reserved: Uint8Array
}
