/**
 * By piece: how many bytes it has, for those that end with their file and not with their length, where each file begins at
 * a piece of its own (BEP 52). What the torrent's `files` have between them is passed over.
 */
export const shortPieces = (
  files: ReadonlyArray<{ readonly offset: number; readonly length: number; readonly isPad: boolean }>,
  pieceLength: number,
): ReadonlyMap<number, number> => {
  const short = new Map<number, number>()
  for (const { offset, length, isPad } of files) {
    const rest = length % pieceLength
    if (!isPad && rest > 0) short.set(Math.floor((offset + length) / pieceLength), rest)
  }
  return short
}
