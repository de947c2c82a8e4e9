/** Bytes that stand beside each other: far more would make peers of one swarm want the same for too long. */
const EXTENT_BYTES = 4 * 1024 * 1024
/** So many places at least for peers to begin at: a small torrent has short extents. */
const LEAST_EXTENTS = 64

/** Pieces of an extent: neighbours that stand beside each other, so that they can be written in one go. */
export const extentPieces = (pieceCount: number, pieceLength: number): number =>
  Math.max(1, Math.min(Math.floor(EXTENT_BYTES / pieceLength), Math.floor(pieceCount / LEAST_EXTENTS)))

/** All pieces: the extents in a random order, the pieces of each in their own. `random` is in [0, 1). */
export const shuffleExtents = (pieceCount: number, extent: number, random: () => number): Uint32Array => {
  const shuffled = new Uint32Array(pieceCount)
  let filled = 0
  for (const index of shuffle(Math.ceil(pieceCount / extent), random)) {
    const end = Math.min(pieceCount, (index + 1) * extent)
    for (let piece = index * extent; piece < end; piece++) shuffled[filled++] = piece
  }
  return shuffled
}

const shuffle = (count: number, random: () => number): Uint32Array => {
  const shuffled = new Uint32Array(count)
  for (let i = 0; i < count; i++) {
    const j = Math.floor(random() * (i + 1))
    shuffled[i] = shuffled[j]!
    shuffled[j] = i
  }
  return shuffled
}
