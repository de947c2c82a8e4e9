import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { clearBit, createBits, hasBit, setBit } from '../../../src/operators/piece/bitfield.js'
import { firstByIndex } from '../../../src/operators/piece/firstByIndex.js'
import {
  addBits,
  addHave,
  createPieceTable,
  disorder,
  firstByRarity,
  isMissing,
  markBegun,
  markHave,
  markMissing,
  type PieceTable,
  removeBits,
  removeHave,
  setPriority,
} from '../../../src/operators/piece/pieceTable.js'
import {
  addShort,
  createShortlist,
  forgetShort,
  type Shortlist,
} from '../../../src/operators/piece/shortlist.js'
import { createPrng } from '../../../src/operators/random.js'

/** A torrent whose other pieces are rarer than those of the peer, so that a walk through the order meets them late. */
interface World {
  readonly table: PieceTable
  readonly shortlist: Shortlist
  bits: Uint8Array
}

const PIECES = 3_000

const setup = (seed: number, count: number): World => {
  const { next } = createPrng(seed)
  const table = createPieceTable(PIECES, next)
  const bits = createBits(PIECES)
  for (let i = 0; i < count; i++) setBit(bits, Math.floor(next() * PIECES))
  for (let piece = 0; piece < PIECES; piece++) {
    for (let peers = next() * 4 + (hasBit(bits, piece) ? 4 : 0); peers >= 1; peers--) addHave(table, piece)
  }
  addBits(table, bits)
  return { table, shortlist: createShortlist(), bits }
}

const toggle = ({ table, shortlist, bits }: World, piece: number): void => {
  if (hasBit(bits, piece)) {
    clearBit(bits, piece)
    removeHave(table, piece)
  } else {
    setBit(bits, piece)
    addShort(shortlist, piece)
    addHave(table, piece)
  }
}

/** Each place is a piece, or one of what the peer has. */
const pieceAt = ({ bits }: World, place: number, isIts: boolean): number => {
  for (let i = 0; isIts && i < PIECES; i++)
    if (hasBit(bits, (place + i) % PIECES)) return (place + i) % PIECES
  return place
}

const place = fc.nat(PIECES - 1)
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ what: fc.constant('pick' as const), place, n: fc.nat(3) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      what: fc.constantFrom('toggle', 'begin', 'gain', 'lose', 'prioritize', 'others' as const),
      place,
      n: fc.nat(7),
      isIts: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      what: fc.constantFrom('bitfield', 'file', 'check' as const),
      place,
      n: fc.nat(7),
    }),
  },
)

type Step = typeof step extends fc.Arbitrary<infer A> ? A : never

const change = (world: World, its: Step): void => {
  const { table, shortlist, bits } = world
  const piece = pieceAt(world, its.place, 'isIts' in its && its.isIts)
  switch (its.what) {
    case 'pick':
      compare(world, its.place, its.n)
      return
    case 'toggle':
      toggle(world, piece)
      return
    case 'begin':
      if (isMissing(table, piece)) markBegun(table, piece)
      return
    case 'gain':
      markHave(table, piece)
      return
    case 'lose':
      markMissing(table, piece)
      return
    case 'prioritize':
      setPriority(table, piece, its.n)
      return
    case 'others':
      addHave(table, piece)
      return
    case 'bitfield':
      removeBits(table, bits)
      world.bits = createBits(PIECES)
      for (let at = its.place % 40; at < PIECES; at += 40 * (its.n + 1)) setBit(world.bits, at)
      addBits(table, world.bits)
      forgetShort(shortlist)
      return
    case 'file':
      disorder(table)
      for (let at = its.place; at < Math.min(PIECES, its.place + 300); at++) setPriority(table, at, its.n)
      return
    case 'check':
      // More at once than the order remembers.
      for (let at = its.place; at < Math.min(PIECES, its.place + 300); at++) markMissing(table, at)
  }
}

/** All the searches, with the list and without. */
const compare = ({ table, shortlist, bits }: World, from: number, n: number): void => {
  const accept = n < 2 ? undefined : (piece: number): boolean => piece % n === 0
  const plain = firstByRarity(table, bits, accept)
  expect(firstByRarity(table, bits, accept, shortlist)).toBe(plain)
  expect(firstByRarity(table, bits, accept, shortlist)).toBe(plain)
  for (const wrap of [false, true]) {
    expect(firstByIndex(table, bits, from, wrap, accept, shortlist)).toBe(
      firstByIndex(table, bits, from, wrap, accept),
    )
  }
}

describe('a shortlist', () => {
  test.prop([
    fc.nat(),
    fc.constantFrom(0, 1, 20, 300, 1_400, 2_500),
    fc.array(step, { maxLength: 60, size: 'max' }),
  ])('finds what a search without it finds, whatever comes and goes', (seed, count, steps) => {
    const world = setup(seed, count)
    for (const its of steps) change(world, its)
    compare(world, 0, 0)
  })

  it('is made once a walk has found nothing, and looked at from then on', () => {
    const { table, shortlist, bits } = setup(1, 20)
    expect(shortlist.pieces).toBeUndefined()
    firstByRarity(table, bits, undefined, shortlist)
    const { pieces } = shortlist
    expect(pieces?.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: PIECES }, (_, piece) => piece).filter((piece) => hasBit(bits, piece)),
    )
    const seen: number[] = []
    firstByRarity(table, bits, (piece) => seen.push(piece) < 0, shortlist)
    expect(seen).toEqual(pieces)
    expect(shortlist.pieces).toBe(pieces)
  })

  it('is made by a search in index order too', () => {
    const { table, shortlist } = setup(1, 0)
    const bits = createBits(PIECES)
    setBit(bits, PIECES - 1)
    addBits(table, bits)
    expect(firstByIndex(table, bits, 0, false, undefined, shortlist)).toBe(PIECES - 1)
    expect(shortlist.pieces).toEqual([PIECES - 1])
  })

  it('lets go of what can be picked no more', () => {
    const { table, shortlist, bits } = setup(1, 20)
    firstByRarity(table, bits, undefined, shortlist)
    for (let left = shortlist.pieces?.length ?? 0; left > 2; left--) {
      markHave(table, firstByRarity(table, bits, undefined, shortlist))
    }
    firstByRarity(table, bits, undefined, shortlist)
    expect(shortlist.pieces?.length).toBeLessThanOrEqual(4)
  })

  it('stays bounded through a flood of haves, and of pieces taken back', () => {
    const world = setup(1, 20)
    const { table, shortlist, bits } = world
    firstByRarity(table, bits, undefined, shortlist)
    let longest = 0
    for (let i = 0; i < 10_000; i++) {
      toggle(world, i % 2 === 0 ? 0 : Math.floor(i / 4) % PIECES)
      longest = Math.max(longest, shortlist.pieces?.length ?? 0)
      if (i % 500 === 0) compare(world, i % PIECES, 0)
    }
    expect(longest).toBeLessThanOrEqual(1_024)
    for (let piece = 0; piece < PIECES; piece++) if (!hasBit(bits, piece)) toggle(world, piece)
    compare(world, 0, 3)
    expect(shortlist.pieces).toBeUndefined()
  })

  it('is made anew where more came back at once than the order remembers', () => {
    const world = setup(1, 40)
    const { table, shortlist, bits } = world
    for (let piece = 0; piece < PIECES - 200; piece++) markHave(table, piece)
    addHave(table, PIECES - 1)
    firstByRarity(table, bits, undefined, shortlist)
    firstByIndex(table, bits, 0, true, () => false, shortlist)
    const before = shortlist.pieces?.length
    for (let piece = 0; piece < PIECES - 200; piece++) markMissing(table, piece)
    compare(world, 0, 0)
    expect(before).toBeLessThan(shortlist.pieces?.length ?? 0)
  })

  it('is right where `accept` searches by itself', () => {
    const { table, shortlist, bits } = setup(1, 60)
    firstByRarity(table, bits, undefined, shortlist)
    const listed = shortlist.pieces ?? []
    for (const piece of listed.slice(0, listed.length - 5)) markHave(table, piece)
    const inner = (piece: number): boolean =>
      piece !== firstByRarity(table, bits, undefined, shortlist) &&
      firstByIndex(table, bits, 0, false, undefined, shortlist) >= 0
    const found = firstByRarity(table, bits, inner, shortlist)
    expect(found).toBe(firstByRarity(table, bits, inner))
    expect(found).toBeGreaterThanOrEqual(0)
  })
})
