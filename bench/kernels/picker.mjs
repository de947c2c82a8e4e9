import { createRandom, insist, load } from './kernel.mjs'

/** @import { Kernel } from './kernel.mjs' */

const pieceCount = 100_000
const peerCount = 500
const picks = 1_000
const haves = 1_000

/** @returns {Promise<ReadonlyArray<Kernel>>} */
export const pickerKernels = async () => {
  const pieceTable = /** @type {typeof import('../../src/operators/piece/pieceTable.js')} */ (
    await load('operators/piece/pieceTable.js')
  )
  const { addBits, addHave, createPieceTable, firstByRarity, markBegun, markMissing, removeBits } = pieceTable
  const random = createRandom(1)
  const table = createPieceTable(pieceCount, random)
  // each has a tenth to nine tenths of the pieces
  const peers = Array.from({ length: peerCount }, (_, i) => {
    const share = 0.1 + (0.8 * i) / peerCount
    const bits = Buffer.alloc(pieceCount / 8)
    for (let piece = 0; piece < pieceCount; piece++) {
      if (random() < share) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
    }
    addBits(table, bits)
    return bits
  })
  let turn = 0
  const nextPeer = () => {
    turn = (turn + 1) % peerCount
    return peers[turn] ?? Buffer.alloc(0)
  }
  const pick = () => {
    const piece = firstByRarity(table, nextPeer(), undefined)
    insist(piece >= 0, 'nothing to pick')
    return piece
  }

  /** @type {number[]} */
  const begun = []
  const of = `100 000 pieces × ${String(peerCount)} peers`
  return [
    {
      name: `picker, ${of}: pick and begin`,
      count: picks,
      unit: 'pick',
      before: () => {
        for (const piece of begun.splice(0)) markMissing(table, piece)
        pick()
      },
      run: () => {
        for (let i = 0; i < picks; i++) {
          const piece = pick()
          markBegun(table, piece)
          begun.push(piece)
        }
      },
    },
    {
      name: `picker, ${of}: haves, and a pick for every ${String(haves)}`,
      count: haves,
      unit: 'have',
      run: () => {
        for (let i = 0; i < haves; i++) addHave(table, Math.floor(random() * pieceCount))
        pick()
      },
    },
    {
      name: `picker, ${of}: a bitfield comes, a pick, it goes`,
      count: 1,
      unit: 'peer',
      run: () => {
        const bits = nextPeer()
        addBits(table, bits)
        pick()
        removeBits(table, bits)
      },
    },
  ]
}
