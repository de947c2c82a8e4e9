import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { extentPieces, shuffleExtents } from '../../../src/operators/piece/shuffleExtents.js'
import {
  addSeed,
  createPieceTable,
  firstByRarity,
  markBegun,
} from '../../../src/operators/piece/pieceTable.js'
import { createPrng } from '../../../src/operators/random.js'

const KiB = 1024
const MiB = 1024 * KiB

describe('extentPieces', () => {
  it.each([
    ['16 of 256 KiB in a gigabyte', 4_096, 256 * KiB, 16],
    ['4 of 1 MiB', 1_024, MiB, 4],
    ['single ones from 4 MiB on', 1_000, 4 * MiB, 1],
    ['single ones of 16 MiB', 1_000, 16 * MiB, 1],
    ['no more than a 64th of the torrent', 640, 16 * KiB, 10],
    ['single ones where there are few', 100, 16 * KiB, 1],
    ['one of one', 1, 16 * KiB, 1],
    ['one of none', 0, 16 * KiB, 1],
  ])('%s', (_, pieceCount, pieceLength, expected) => {
    expect(extentPieces(pieceCount, pieceLength)).toBe(expected)
  })
})

describe('shuffleExtents', () => {
  test.prop([fc.nat(500), fc.integer({ min: 1, max: 40 }), fc.nat()])(
    'has every piece once, and extents in one stretch each',
    (pieceCount, extent, seed) => {
      const shuffled = [...shuffleExtents(pieceCount, extent, createPrng(seed).next)]
      expect([...shuffled].sort((a, b) => a - b)).toEqual(
        Array.from({ length: pieceCount }, (_, piece) => piece),
      )
      const begins = shuffled.filter(
        (piece, at) => piece !== (shuffled[at - 1] ?? NaN) + 1 || piece % extent === 0,
      )
      expect(begins.every((piece) => piece % extent === 0)).toBe(true)
      expect(begins).toHaveLength(Math.ceil(pieceCount / extent))
    },
  )

  it('draws another order with other numbers', () => {
    const orders = [1, 2, 3, 4].map((seed) => shuffleExtents(64, 4, createPrng(seed).next).join())
    expect(new Set(orders).size).toBe(4)
  })

  it('begins with every extent about as often', () => {
    const counts = new Uint32Array(8)
    const { next } = createPrng(7)
    for (let i = 0; i < 8_000; i++) counts[shuffleExtents(16, 2, next)[0]! / 2]!++
    expect(Math.min(...counts)).toBeGreaterThan(850)
    expect(Math.max(...counts)).toBeLessThan(1_150)
  })
})

describe('picks from seeds', () => {
  it('mostly are neighbours of the one before, though each pick moves a piece in the order', () => {
    const table = createPieceTable(4_096, createPrng(3).next, 16)
    addSeed(table)
    const picks = Array.from({ length: 2_000 }, () => {
      const piece = firstByRarity(table, undefined, undefined)
      markBegun(table, piece)
      return piece
    })
    const neighbours = picks.filter((piece, at) => Math.abs(piece - (picks[at - 1] ?? NaN)) === 1)
    expect(new Set(picks).size).toBe(2_000)
    expect(neighbours.length).toBeGreaterThan(1_800)
  })
})
