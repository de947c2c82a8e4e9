/** How a torrent's byte stream is cut: into pieces, and pieces into blocks (BEP 3). */
export interface Geometry {
  /** Length of the stream, pad files counted. */
  readonly length: number
  readonly pieceLength: number
  readonly pieceCount: number
  /** The unit of request. */
  readonly blockLength: number
  /** By piece: the bytes of those that end with their file, where each file begins at a piece of its own (BEP 52). */
  readonly shortPieces: ReadonlyMap<number, number> | undefined
  /** Bytes in all pieces. */
  readonly size: number
}

/** 16 KiB: what every client accepts, and many accept nothing larger. */
export const BLOCK_LENGTH = 16_384

export const createGeometry = (
  length: number,
  pieceLength: number,
  blockLength = BLOCK_LENGTH,
  shortPieces?: ReadonlyMap<number, number>,
): Geometry => {
  const geometry = {
    length,
    pieceLength,
    pieceCount: Math.ceil(length / pieceLength),
    blockLength,
    shortPieces,
    size: length,
  }
  return shortPieces === undefined
    ? geometry
    : { ...geometry, size: bytesInPieces(geometry, geometry.pieceCount, () => true) }
}

/** Bytes in a piece; only the last one, of the torrent or of a file, can be shorter. */
export const pieceSize = (geometry: Geometry, piece: number): number => {
  const { length, pieceLength, pieceCount, shortPieces } = geometry
  if (shortPieces !== undefined && piece !== pieceCount - 1) return shortPieces.get(piece) ?? pieceLength
  // One way for all pieces: V8 has compiled the rest without that of the last one by the time that it comes.
  return Math.min(pieceLength, length - piece * pieceLength)
}

/** How far a request may reach in a piece: where pieces end with their file, up to the next one, over zeros. */
export const pieceExtent = (geometry: Geometry, piece: number): number =>
  geometry.shortPieces === undefined ? pieceSize(geometry, piece) : geometry.pieceLength

export const blocksIn = (geometry: Geometry, piece: number): number =>
  Math.ceil(pieceSize(geometry, piece) / geometry.blockLength)

/** Bytes in a block; only the last one of a piece can be shorter. */
export const blockSize = (geometry: Geometry, piece: number, block: number): number =>
  Math.min(geometry.blockLength, pieceSize(geometry, piece) - block * geometry.blockLength)

/** Bytes in the pieces of a set that has `count` of them. */
export const bytesInPieces = (
  geometry: Geometry,
  count: number,
  isIn: (piece: number) => boolean,
): number => {
  const { pieceLength, pieceCount, shortPieces } = geometry
  const last = pieceCount - 1
  let bytes = count * pieceLength
  if (last >= 0 && isIn(last)) bytes -= pieceLength - pieceSize(geometry, last)
  if (shortPieces === undefined) return bytes
  for (const [piece, size] of shortPieces) if (piece !== last && isIn(piece)) bytes -= pieceLength - size
  return bytes
}
