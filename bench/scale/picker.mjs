/**
 * What it costs to choose a piece, to hear of one and to meet a peer, by the number of pieces: the mark is that a choice
 * in 200 000 pieces costs what it costs in 2 000, with 1 000 peers. Needs `npm run build`.
 *
 * usage: node bench/scale/picker.mjs [--pieces N,N,…] [--peers N]
 */
import { parseArgs } from 'node:util'
import { createRandom, insist, load } from '../kernels/kernel.mjs'
import { showMark } from './support/mark.mjs'

const { values: options } = parseArgs({
  options: {
    pieces: { type: 'string', default: '2000,20000,200000' },
    peers: { type: 'string', default: '1000' },
  },
})
const {
  addBits,
  addHave,
  createPieceTable,
  firstByRarity,
  markBegun,
  markHave,
  markMissing,
  removeBits,
  removeHave,
} = /** @type {typeof import('../../src/operators/piece/pieceTable.js')} */ (
  await load('operators/piece/pieceTable.js')
)
const { createShortlist } = /** @type {typeof import('../../src/operators/piece/shortlist.js')} */ (
  await load('operators/piece/shortlist.js')
)
const { firstByIndex } = /** @type {typeof import('../../src/operators/piece/firstByIndex.js')} */ (
  await load('operators/piece/firstByIndex.js')
)

const rounds = 7
const picks = 500
/** What caches and noise may add. */
const flat = 2

/** @param {number} pieceCount @param {(piece: number) => boolean} has */
const bitsOf = (pieceCount, has) => {
  const bits = Buffer.alloc(Math.ceil(pieceCount / 8))
  for (let piece = 0; piece < pieceCount; piece++) {
    if (has(piece)) bits[piece >> 3] = (bits[piece >> 3] ?? 0) | (0x80 >> (piece & 7))
  }
  return bits
}

/** The least of a few rounds, in nanoseconds a unit. @param {number} count @param {() => void} run @param {() => void} [after] */
const time = (count, run, after = () => undefined) => {
  let least = Infinity
  for (let round = 0; round < rounds; round++) {
    const start = process.hrtime.bigint()
    run()
    least = Math.min(least, Number(process.hrtime.bigint() - start) / count)
    after()
  }
  return least
}

/** @param {number} pieceCount @param {number} peerCount */
const measure = (pieceCount, peerCount) => {
  const random = createRandom(1)
  const table = createPieceTable(pieceCount, random)
  // Each has a tenth to nine tenths of the pieces, but the last ones only a handful that everybody has, or the front.
  const peers = Array.from({ length: peerCount }, (_, i) => {
    const share = 0.1 + (0.8 * i) / peerCount
    const bits = bitsOf(pieceCount, (piece) => piece < 20 || random() < share)
    addBits(table, bits)
    return { bits, shortlist: createShortlist() }
  })
  const poor = { bits: bitsOf(pieceCount, (piece) => piece < 20), shortlist: createShortlist() }
  addBits(table, poor.bits)
  let turn = 0
  const next = () => peers[(turn = (turn + 1) % peerCount)] ?? poor
  /** @param {typeof poor} peer */
  const first = ({ bits, shortlist }) => firstByRarity(table, bits, undefined, shortlist)
  /** @type {number[]} */
  const begun = []
  const undo = () => {
    for (const piece of begun.splice(0)) markMissing(table, piece)
    firstByRarity(table, undefined, undefined)
  }
  /** @param {typeof poor} peer */
  const begin = (peer) => {
    const piece = first(peer)
    insist(piece >= 0, 'nothing to pick')
    markBegun(table, piece)
    begun.push(piece)
  }
  firstByRarity(table, undefined, undefined)
  const pick = time(
    picks,
    () => {
      for (let i = 0; i < picks; i++) begin(next())
    },
    undo,
  )
  const poorPick = time(picks, () => {
    for (let i = 0; i < picks; i++) insist(first(poor) >= 0, 'nothing to pick')
  })
  const last20 = pieceCount - 20
  const late = { bits: bitsOf(pieceCount, (piece) => piece >= last20), shortlist: createShortlist() }
  const inTurn = time(picks, () => {
    for (let i = 0; i < picks; i++) {
      insist(
        firstByIndex(table, late.bits, 0, false, undefined, late.shortlist) === last20,
        'nothing to pick',
      )
    }
  })
  const changing = time(picks, () => {
    for (let i = 0; i < picks; i++) {
      const piece = first(poor)
      markBegun(table, piece)
      first(poor)
      markMissing(table, piece)
    }
  })
  const some = () => Array.from({ length: 1_000 }, () => Math.floor(random() * pieceCount))
  let named = some()
  const have = time(
    named.length,
    () => {
      for (const piece of named) addHave(table, piece)
    },
    () => {
      // In an order that has to be made anew a `have` would only be counted.
      for (const piece of named) removeHave(table, piece)
      firstByRarity(table, undefined, undefined)
      named = some()
    },
  )
  const bitfield = time(4, () => {
    for (let i = 0; i < 4; i++) {
      const { bits } = next()
      addBits(table, bits)
      removeBits(table, bits)
    }
    firstByRarity(table, undefined, undefined)
  })
  // All had but a hundred: the end of a download, of which each peer has a few.
  for (let piece = 0; piece < pieceCount - 100; piece++) {
    markBegun(table, piece)
    markHave(table, piece)
  }
  const last = time(picks, () => {
    for (let i = 0; i < picks; i++) first(next())
  })
  return { pick, poorPick, changing, inTurn, have, last, bitfield }
}

const sizes = options.pieces.split(',').map(Number)
const results = sizes.map((pieces) => measure(pieces, Number(options.peers)))
const [first] = results
const most = results.at(-1)
if (first === undefined || most === undefined) throw new Error('no sizes')
for (const [name, key, isFlat] of /** @type {const} */ ([
  ['a pick', 'pick', true],
  ['a pick for who has only 20 common pieces', 'poorPick', true],
  ['two picks, a piece begun and given up, for the same', 'changing', true],
  ['a pick in index order for who has the last 20', 'inTurn', true],
  ['a have', 'have', true],
  ['a pick where 100 are left', 'last', true],
  ['a bitfield comes and goes', 'bitfield', false],
])) {
  const figures = results.map((result, i) => `${String(sizes[i])}: ${(result[key] / 1e3).toFixed(2)} µs`)
  const ratio = most[key] / first[key]
  console.log(
    showMark(
      `${name}, ${options.peers} peers, by pieces`,
      `${figures.join(', ')}; ${ratio.toFixed(1)}×`,
      isFlat ? ratio <= flat : undefined,
    ),
  )
}
