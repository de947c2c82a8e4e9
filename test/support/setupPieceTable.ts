import {
  addBits,
  addSeed,
  createPieceTable,
  markBegun,
  markHave,
  markVerifying,
  type PieceTable,
} from '../../src/operators/piece/pieceTable.js'
import { createPrng } from '../../src/operators/random.js'
import { bitsOf } from './bits.js'

/**
 * A piece table drawn in strings, one character a piece.
 *
 * @example
 * ```ts
 * setupPieceTable({
 *   peers: ['110', '100'], // what each peer has; all of it: a seed
 *   have: 'x o', // x: had, o: begun, v: being verified, anything else: missing
 * })
 * ```
 */
export const setupPieceTable = (drawing: {
  readonly peers: ReadonlyArray<string>
  readonly have?: string
  readonly pieces?: number
  readonly seed?: number
}): PieceTable => {
  const { peers, have = '', pieces = Math.max(have.length, peers[0]?.length ?? 0), seed = 1 } = drawing
  const prng = createPrng(seed)
  const table = createPieceTable(pieces, () => prng.next())
  for (const peer of peers) {
    if (/^1+$/.test(peer)) addSeed(table)
    else addBits(table, bitsOf(peer))
  }
  Array.from(have).forEach((status, piece) => {
    if (status === 'x') markHave(table, piece)
    if (status === 'o' || status === 'v') markBegun(table, piece)
    if (status === 'v') markVerifying(table, piece)
  })
  return table
}
