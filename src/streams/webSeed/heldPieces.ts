import type { Metainfo } from '../../codecs/metainfoModel.js'
import { clearBit, countBits, createBits, setAllBits } from '../../operators/piece/bitfield.js'
import { piecesOfFile } from '../../operators/piece/fileMap.js'

/**
 * The pieces without a byte of the files that a web seed lacks; undefined where it can be taken to have everything: it
 * lacks nothing that is known, or so much that nothing would be left to ask for.
 */
export const heldPieces = (
  { files, pieceCount, pieceLength }: Pick<Metainfo, 'files' | 'pieceCount' | 'pieceLength'>,
  lacking: ReadonlySet<number>,
): Uint8Array | undefined => {
  const bits = createBits(pieceCount)
  setAllBits(bits, pieceCount)
  for (const file of lacking) {
    const own = files[file] === undefined ? undefined : piecesOfFile(files[file], pieceLength)
    if (own === undefined) continue
    for (let piece = own.first; piece <= own.last; piece++) clearBit(bits, piece)
  }
  const count = countBits(bits)
  return count === 0 || count === pieceCount ? undefined : bits
}
