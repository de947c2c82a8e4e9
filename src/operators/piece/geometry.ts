/** How a torrent's byte stream is cut: into pieces, and pieces into blocks (BEP 3). */
export interface Geometry {
  /** Length of the stream, pad files counted. */
  readonly length: number
  readonly pieceLength: number
  readonly pieceCount: number
  /** The unit of request. */
  readonly blockLength: number
}

/** 16 KiB: what every client accepts, and many accept nothing larger. */
export const BLOCK_LENGTH = 16_384

export const createGeometry = (
  length: number,
  pieceLength: number,
  blockLength = BLOCK_LENGTH,
): Geometry => ({
  length,
  pieceLength,
  pieceCount: Math.ceil(length / pieceLength),
  blockLength,
})

/** Bytes in a piece; only the last one can be shorter. */
export const pieceSize = (geometry: Geometry, piece: number): number =>
  piece === geometry.pieceCount - 1 ? geometry.length - piece * geometry.pieceLength : geometry.pieceLength

export const blocksIn = (geometry: Geometry, piece: number): number =>
  Math.ceil(pieceSize(geometry, piece) / geometry.blockLength)

/** Bytes in a block; only the last one of a piece can be shorter. */
export const blockSize = (geometry: Geometry, piece: number, block: number): number =>
  Math.min(geometry.blockLength, pieceSize(geometry, piece) - block * geometry.blockLength)

/** Bytes in the pieces of a set that has `count` of them, the last one of the torrent included or not. */
export const bytesInPieces = (geometry: Geometry, count: number, hasLast: boolean): number =>
  count === 0
    ? 0
    : count * geometry.pieceLength -
      (hasLast ? geometry.pieceLength - pieceSize(geometry, geometry.pieceCount - 1) : 0)
