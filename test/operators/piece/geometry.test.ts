import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  BLOCK_LENGTH,
  blocksIn,
  blockSize,
  bytesInPieces,
  createGeometry,
  pieceSize,
} from '../../../src/operators/piece/geometry.js'

const geometry = fc
  .tuple(
    fc.integer({ min: 1, max: 5_000 }),
    fc.integer({ min: 1, max: 300 }),
    fc.integer({ min: 1, max: 64 }),
  )
  .chain(([length, pieceLength, blockLength]) =>
    fc
      .option(fc.uniqueArray(fc.nat({ max: Math.ceil(length / pieceLength) - 1 })), { nil: undefined })
      .map((short) =>
        createGeometry(
          length,
          pieceLength,
          blockLength,
          short && new Map(short.map((piece) => [piece, 1 + (piece % pieceLength)])),
        ),
      ),
  )

describe('geometry', () => {
  it('cuts blocks of 16 KiB', () => {
    const cut = createGeometry(100_000, 65_536)
    expect(cut.blockLength).toBe(BLOCK_LENGTH)
    expect(cut.pieceCount).toBe(2)
    expect(pieceSize(cut, 1)).toBe(34_464)
    expect(blocksIn(cut, 1)).toBe(3)
    expect(blockSize(cut, 1, 2)).toBe(1_696)
  })

  it('has no pieces where there are no bytes', () => {
    const empty = createGeometry(0, 65_536)
    expect(empty.pieceCount).toBe(0)
    expect(bytesInPieces(empty, 0, () => false)).toBe(0)
  })

  it('counts beyond 32 bits', () => {
    const big = createGeometry(2 ** 48 - 1, 2 ** 28)
    expect(big.pieceCount).toBe(2 ** 20)
    expect(pieceSize(big, 2 ** 20 - 1)).toBe(2 ** 28 - 1)
    expect(bytesInPieces(big, 2 ** 20, () => true)).toBe(2 ** 48 - 1)
  })

  test.prop([geometry], { numRuns: 30 })(
    'loses and doubles no byte: blocks make pieces, pieces make the stream',
    (cut) => {
      let length = 0
      for (let piece = 0; piece < cut.pieceCount; piece++) {
        let inPiece = 0
        for (let block = 0; block < blocksIn(cut, piece); block++) {
          const size = blockSize(cut, piece, block)
          expect(size).toBeGreaterThan(0)
          expect(size).toBeLessThanOrEqual(cut.blockLength)
          inPiece += size
        }
        expect(inPiece).toBe(pieceSize(cut, piece))
        length += inPiece
      }
      expect(length).toBe(cut.size)
      if (cut.shortPieces === undefined) expect(cut.size).toBe(cut.length)
    },
  )

  test.prop([geometry, fc.func(fc.boolean())])('counts the bytes of any set of pieces', (cut, isIn) => {
    const set = Array.from({ length: cut.pieceCount }, (_, piece) => piece).filter((piece) => isIn(piece))
    const bytes = set.reduce((sum, piece) => sum + pieceSize(cut, piece), 0)
    expect(bytesInPieces(cut, set.length, (piece) => set.includes(piece))).toBe(bytes)
    expect(bytesInPieces(cut, cut.pieceCount, () => true)).toBe(cut.size)
  })
})
