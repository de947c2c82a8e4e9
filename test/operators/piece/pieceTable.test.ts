import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { hasBit } from '../../../src/operators/piece/bitfield.js'
import { firstByIndex } from '../../../src/operators/piece/firstByIndex.js'
import {
  addBits,
  addHave,
  addSeed,
  availabilityOf,
  createPieceTable,
  firstByRarity,
  hasPiece,
  isMissing,
  markBegun,
  markHave,
  markMissing,
  markVerifying,
  type PieceTable,
  removeBits,
  removeHave,
  removeSeed,
  setPriority,
} from '../../../src/operators/piece/pieceTable.js'
import { createPrng } from '../../../src/operators/random.js'
import { pieceStatus } from '../../../src/operators/session/state.js'
import { bitsOf, drawBits } from '../../support/bits.js'
import { setupPieceTable } from '../../support/setupPieceTable.js'

const PIECES = 12

/** The same by the book: who has what, and what became of each piece. */
interface Naive {
  readonly table: PieceTable
  readonly status: number[]
  readonly priority: number[]
  readonly peers: (Set<number> | 'seed')[]
}

const availability = ({ peers }: Naive, piece: number): number =>
  peers.filter((peer) => peer === 'seed' || peer.has(piece)).length

const statusesFor = (naive: Naive, status: number): ReadonlyArray<number> =>
  naive.status.flatMap((its, piece) => (its === status ? [piece] : []))

const wantedOf = (naive: Naive, status: number): ReadonlyArray<number> =>
  statusesFor(naive, status).filter((piece) => naive.priority[piece]! > 0)

const operation = (
  name: string,
  applies: (naive: Readonly<Naive>) => boolean,
  apply: (naive: Naive, table: PieceTable) => void,
): fc.Command<Naive, PieceTable> => ({
  check: applies,
  run: (naive, table) => {
    apply(naive, table)
    compare(naive, table)
  },
  toString: () => name,
})

const compare = (naive: Naive, table: PieceTable): void => {
  expect([...table.status]).toEqual(naive.status)
  expect(table.havePieces).toBe(statusesFor(naive, pieceStatus.have).length)
  expect([...table.priority]).toEqual(naive.priority)
  expect(table.missingPieces).toBe(wantedOf(naive, pieceStatus.missing).length)
  expect(table.wantedHave).toBe(wantedOf(naive, pieceStatus.have).length)
  expect(table.wantedPieces).toBe(naive.priority.filter((priority) => priority > 0).length)
  for (let piece = 0; piece < PIECES; piece++) {
    expect(availabilityOf(table, piece)).toBe(availability(naive, piece))
    expect(hasBit(table.haveBits, piece)).toBe(naive.status[piece] === pieceStatus.have)
  }
}

const bitsOfSet = (set: ReadonlySet<number>): Uint8Array =>
  bitsOf(Array.from({ length: PIECES }, (_, piece) => (set.has(piece) ? '1' : '0')).join(''))

const pieceSet = fc.uniqueArray(fc.nat(PIECES - 1)).map((pieces) => new Set(pieces))
const piece = fc.nat(PIECES - 1)

const operations = [
  pieceSet.map((set) =>
    operation(
      `join ${[...set].join()}`,
      () => true,
      (naive, table) => {
        naive.peers.push(new Set(set))
        addBits(table, bitsOfSet(set))
      },
    ),
  ),
  fc.constant(
    operation(
      'seed',
      () => true,
      (naive, table) => {
        naive.peers.push('seed')
        addSeed(table)
      },
    ),
  ),
  fc.nat(20).map((who) =>
    operation(
      `leave ${String(who)}`,
      ({ peers }) => peers.length > 0,
      (naive, table) => {
        const [gone] = naive.peers.splice(who % naive.peers.length, 1)
        if (gone === 'seed') removeSeed(table)
        else removeBits(table, bitsOfSet(gone!))
      },
    ),
  ),
  fc.tuple(fc.nat(20), piece).map(([who, its]) =>
    operation(
      `have ${String(who)} ${String(its)}`,
      ({ peers }) => {
        const peer = peers[who % Math.max(1, peers.length)]
        return peer !== undefined && peer !== 'seed' && !peer.has(its)
      },
      (naive, table) => {
        const peer = naive.peers[who % naive.peers.length]
        if (peer !== 'seed') peer!.add(its)
        addHave(table, its)
      },
    ),
  ),
  fc.tuple(fc.nat(20), piece).map(([who, its]) =>
    operation(
      `lost ${String(who)} ${String(its)}`,
      ({ peers }) => {
        const peer = peers[who % Math.max(1, peers.length)]
        return peer !== undefined && peer !== 'seed' && peer.has(its)
      },
      (naive, table) => {
        const peer = naive.peers[who % naive.peers.length]
        if (peer !== 'seed') peer!.delete(its)
        removeHave(table, its)
      },
    ),
  ),
  fc.tuple(piece, fc.constantFrom('begun', 'verifying', 'have', 'missing')).map(([its, to]) =>
    operation(
      `${to} ${String(its)}`,
      ({ status }) =>
        (to !== 'begun' || status[its] === pieceStatus.missing) &&
        (to !== 'verifying' || status[its] === pieceStatus.partial),
      (naive, table) => {
        if (to === 'begun') {
          markBegun(table, its)
          naive.status[its] = pieceStatus.partial
        } else if (to === 'verifying') {
          markVerifying(table, its)
          naive.status[its] = pieceStatus.verifying
        } else if (to === 'have') {
          markHave(table, its)
          naive.status[its] = pieceStatus.have
        } else {
          markMissing(table, its)
          naive.status[its] = pieceStatus.missing
        }
      },
    ),
  ),
  fc.tuple(piece, fc.nat(7)).map(([its, priority]) =>
    operation(
      `priority ${String(priority)} for ${String(its)}`,
      () => true,
      (naive, table) => {
        setPriority(table, its, priority)
        naive.priority[its] = priority
      },
    ),
  ),
  fc.tuple(pieceSet, pieceSet, fc.boolean()).map(([has, accepted, isSeed]) =>
    operation(
      `pick of ${isSeed ? 'all' : [...has].join()} taking ${[...accepted].join()}`,
      () => true,
      (naive, table) => {
        // The asking peer is one of the swarm, so that what it has is counted.
        if (isSeed) {
          naive.peers.push('seed')
          addSeed(table)
        } else {
          naive.peers.push(new Set(has))
          addBits(table, bitsOfSet(has))
        }
        const pickable = wantedOf(naive, pieceStatus.missing).filter(
          (its) => (isSeed || has.has(its)) && accepted.has(its),
        )
        const picked = firstByRarity(table, isSeed ? undefined : bitsOfSet(has), (its) => accepted.has(its))
        if (pickable.length === 0) {
          expect(picked).toBe(-1)
          return
        }
        expect(pickable).toContain(picked)
        const highest = Math.max(...pickable.map((its) => naive.priority[its]!))
        expect(naive.priority[picked]).toBe(highest)
        const level = pickable.filter((its) => naive.priority[its] === highest)
        expect(availability(naive, picked)).toBe(Math.min(...level.map((its) => availability(naive, its))))
      },
    ),
  ),
  fc
    .tuple(pieceSet, fc.integer({ min: 0, max: PIECES }), fc.boolean(), fc.boolean(), fc.option(pieceSet))
    .map(([has, from, wrap, isSeed, accepted]) =>
      operation(
        `first from ${String(from)} of ${isSeed ? 'all' : [...has].join()}`,
        () => true,
        (naive, table) => {
          const accept = accepted === null ? undefined : (its: number) => accepted.has(its)
          const pickable = wantedOf(naive, pieceStatus.missing).filter(
            (its) => (isSeed || has.has(its)) && accept?.(its) !== false,
          )
          const expected = pickable.find((its) => its >= from) ?? (wrap ? (pickable[0] ?? -1) : -1)
          expect(firstByIndex(table, isSeed ? undefined : bitsOfSet(has), from, wrap, accept)).toBe(expected)
        },
      ),
    ),
]

const newTable = (pieces: number, seed: number): PieceTable => {
  const prng = createPrng(seed)
  return createPieceTable(pieces, () => prng.next())
}

describe('PieceTable', () => {
  test.prop([fc.commands(operations, { maxCommands: 100, size: 'max' }), fc.nat(100)], { numRuns: 150 })(
    'is a naive table with a quick search, after any sequence of operations',
    (commands, seed) => {
      fc.modelRun(() => {
        const table = newTable(PIECES, seed)
        const model: Naive = {
          table,
          status: new Array<number>(PIECES).fill(pieceStatus.missing),
          priority: new Array<number>(PIECES).fill(4),
          peers: [],
        }
        return { model, real: table }
      }, commands)
    },
  )

  it('picks the rarest piece that the peer has and nobody has begun', () => {
    const table = setupPieceTable({ peers: ['11100', '11000', '10010'], have: '  o x' })
    // Piece 2 is begun, 4 is had: of 0, 1 and 3, the last one is the rarest.
    expect(firstByRarity(table, undefined, undefined)).toBe(3)
    expect(firstByRarity(table, bitsOf('11100'), undefined)).toBe(1)
    expect(firstByRarity(table, bitsOf('00101'), undefined)).toBe(-1)
  })

  it('lets a piece that failed be picked again', () => {
    const table = setupPieceTable({ peers: ['11'], have: 'xv' })
    expect(firstByRarity(table, undefined, undefined)).toBe(-1)
    markMissing(table, 1)
    expect(firstByRarity(table, undefined, undefined)).toBe(1)
    expect(isMissing(table, 1)).toBe(true)
    expect(hasPiece(table, 0)).toBe(true)
  })

  it('walks all pieces once, in order of rarity', () => {
    const table = setupPieceTable({ peers: ['1110', '1100', '0100', '1011'] })
    const walked: number[] = []
    for (let next = 0; next >= 0;) {
      next = firstByRarity(table, undefined, undefined)
      if (next < 0) break
      walked.push(availabilityOf(table, next))
      markBegun(table, next)
    }
    expect(walked).toEqual([1, 2, 3, 3])
  })

  it('breaks ties by chance, in another order for another seed', () => {
    const firsts = new Set(
      Array.from({ length: 40 }, (_, seed) =>
        firstByRarity(setupPieceTable({ peers: ['11111111'], seed }), undefined, undefined),
      ),
    )
    expect(firsts.size).toBeGreaterThan(4)
  })

  it('keeps its order through a flood of haves beyond the buckets that it has', () => {
    for (let seed = 0; seed < 10; seed++) {
      const table = newTable(6, seed)
      expect(firstByRarity(table, undefined, undefined)).toBeGreaterThanOrEqual(0)
      for (let peer = 0; peer < 120; peer++) {
        for (let piece = 0; piece < 6; piece++) if (peer % (piece + 1) === 0) addHave(table, piece)
      }
      const order = [5, 4, 3, 2, 1, 0].map((at) => firstByRarity(table, undefined, (piece) => piece <= at))
      expect(order).toEqual([5, 4, 3, 2, 1, 0])
      for (let peer = 0; peer < 200; peer++) addHave(table, 5)
      expect(firstByRarity(table, undefined, undefined)).toBe(4)
      expect(firstByRarity(table, undefined, (piece) => piece === 5 || piece === 0)).toBe(0)
    }
  })

  it('walks the levels of priority from the highest down, each in order of rarity', () => {
    const table = setupPieceTable({ peers: ['1111110', '1010110', '0010010'] })
    const priorities = [2, 2, 2, 7, 7, 0, 0]
    priorities.forEach((priority, piece) => {
      setPriority(table, piece, priority)
    })
    const walked: number[] = []
    for (let next = firstByRarity(table, undefined, undefined); next >= 0;) {
      walked.push(next)
      markBegun(table, next)
      next = firstByRarity(table, undefined, undefined)
    }
    expect(walked).toEqual([3, 4, 1, 0, 2])
    expect(table.missingPieces).toBe(0)
  })

  test.prop([fc.integer({ min: 1, max: 3_000 }), fc.nat(), fc.constantFrom(0.001, 0.01, 0.5), fc.nat(3)])(
    'finds the same piece for who has next to nothing as a walk through the whole order does',
    (pieces, seed, share, shift) => {
      const { next } = createPrng(seed)
      const table = newTable(pieces, seed)
      for (let piece = 0; piece < pieces; piece++) {
        for (let peer = next() * 8; peer >= 1; peer--) addHave(table, piece)
        if (next() < 0.2) setPriority(table, piece, Math.floor(next() * 8))
        if (next() < 0.2) markBegun(table, piece)
      }
      // As a part of a larger buffer too: its words do not lie at a multiple of four.
      const bits = new Uint8Array(shift + Math.ceil(pieces / 8)).subarray(shift)
      for (let piece = 0; piece < pieces; piece++)
        if (next() < share) bits[piece >> 3]! |= 0x80 >> (piece & 7)
      addBits(table, bits)
      const isOdd = (piece: number): boolean => piece % 2 === 1
      expect(firstByRarity(table, bits, undefined)).toBe(
        firstByRarity(table, undefined, (piece) => hasBit(bits, piece)),
      )
      expect(firstByRarity(table, bits, isOdd)).toBe(
        firstByRarity(table, undefined, (piece) => hasBit(bits, piece) && isOdd(piece)),
      )
    },
  )

  it('moves pieces between levels without making its order again, while there is room', () => {
    const table = newTable(1_000, 1)
    for (let piece = 0; piece < 1_000; piece++)
      for (let peer = 0; peer < piece % 5; peer++) addHave(table, piece)
    setPriority(table, 500, 7)
    expect(firstByRarity(table, undefined, undefined)).toBe(500)
    for (let at = 0; at < 400; at++) {
      // A window of four pieces that moves along: none is begun, so that all of them come back.
      setPriority(table, at + 4, 7)
      setPriority(table, at, 4)
      expect(table.order.isDirty).toBe(false)
      expect(table.priority[firstByRarity(table, undefined, (piece) => piece !== 500)]).toBe(7)
    }
    setPriority(table, 500, 4)
    for (let at = 400; at < 404; at++) setPriority(table, at, 4)
    expect(availabilityOf(table, firstByRarity(table, undefined, undefined))).toBe(0)
    for (let piece = 0; piece < 200; piece++) setPriority(table, piece, 6)
    expect(table.priority[firstByRarity(table, undefined, undefined)]).toBe(6)
  })

  it('of no pieces has nothing to pick', () => {
    const table = newTable(0, 1)
    expect(firstByRarity(table, undefined, undefined)).toBe(-1)
    expect(firstByIndex(table, undefined, 0, true)).toBe(-1)
  })

  it('shows every change in its version', () => {
    const table = newTable(4, 1)
    const changes = [
      () => addBits(table, bitsOf('1000')),
      () => addHave(table, 1),
      () => {
        removeHave(table, 1)
      },
      () => addSeed(table),
      () => removeSeed(table),
      () => removeBits(table, bitsOf('1000')),
      () => markBegun(table, 0),
      () => markVerifying(table, 0),
      () => markHave(table, 0),
      () => markMissing(table, 0),
      () => setPriority(table, 0, 0),
    ]
    for (const change of changes) {
      const before = table.version
      change()
      expect(table.version).toBeGreaterThan(before)
    }
    expect(drawBits(table.haveBits, 4)).toBe('0000')
  })
})
