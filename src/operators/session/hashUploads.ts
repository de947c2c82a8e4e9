import type { HashTree } from '../../codecs/hashTree.js'
import type { HashRange } from '../../codecs/wire/message.js'

/** What a peer has of our hash trees, and waits for (BEP 52). */
export interface HashUploads {
  /** Asked for, oldest first. */
  readonly queue: HashRange[]
  /** An answer is on its way to the socket. */
  isBusy: boolean
  /** Had of the piece layers, and of the pieces. */
  ranges: number
  leaves: number
  refused: number
}

/** A piece, of which the leaves of a hash tree have to be made. */
export interface LeafPiece {
  readonly piece: number
  /** Counted in its file. */
  readonly place: number
  /** Bytes of the file in it. */
  readonly length: number
  /** The file's tree from the piece upwards. */
  readonly above: HashTree
}

export const createHashUploads = (): HashUploads => ({
  queue: [],
  isBusy: false,
  ranges: 0,
  leaves: 0,
  refused: 0,
})
