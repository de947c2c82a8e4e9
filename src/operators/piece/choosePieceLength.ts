const MIN_PIECE_LENGTH = 16 * 1024
const MAX_PIECE_LENGTH = 16 * 1024 * 1024

/** More pieces would make the .torrent larger than 40 KB, fewer would make what a peer can share coarser. */
const MOST_PIECES = 2_000

/**
 * A piece length for a new torrent of `length` bytes: the power of two from 16 KiB to 16 MiB that gives 1 000 to 2 000
 * pieces, or comes nearest to it.
 */
export const choosePieceLength = (length: number): number => {
  let pieceLength = MIN_PIECE_LENGTH
  while (pieceLength < MAX_PIECE_LENGTH && length > pieceLength * MOST_PIECES) pieceLength *= 2
  return pieceLength
}
