import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { markHave, markMissing } from '../../../src/operators/piece/pieceTable.js'
import {
  createWindows,
  dropWindow,
  isInWindow,
  neededPieces,
  putWindow,
} from '../../../src/operators/piece/windows.js'
import { setupPieceTable } from '../../support/setupPieceTable.js'

const PIECES = 20

type Step =
  | { readonly _tag: 'Put'; readonly id: number; readonly first: number; readonly length: number }
  | { readonly _tag: 'Drop'; readonly id: number }
  | { readonly _tag: 'Have' | 'Lose'; readonly piece: number }

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    _tag: fc.constant('Put' as const),
    id: fc.nat(2),
    first: fc.nat(PIECES - 1),
    length: fc.integer({ min: 1, max: 8 }),
  }),
  fc.record({ _tag: fc.constant('Drop' as const), id: fc.nat(2) }),
  fc.record({ _tag: fc.constantFrom('Have' as const, 'Lose' as const), piece: fc.nat(PIECES - 1) }),
)

/** The first piece that each window lacks, then the second … */
const naive = (
  windows: ReadonlyMap<number, readonly [number, number]>,
  have: ReadonlySet<number>,
): ReadonlyArray<number> => {
  const lacking = Array.from(windows.values(), ([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, i) => first + i).filter((piece) => !have.has(piece)),
  )
  const rounds = Array.from({ length: PIECES }, (_, round) =>
    lacking.flatMap((pieces) => pieces.slice(round, round + 1)),
  )
  return [...new Set(rounds.flat())]
}

describe('windows', () => {
  test.prop([fc.array(anyStep, { maxLength: 40 })])(
    'name what is lacking in the order of need, whatever comes and goes',
    (steps) => {
      const table = setupPieceTable({ peers: [], pieces: PIECES })
      const windows = createWindows()
      const byId = new Map<number, readonly [number, number]>()
      const have = new Set<number>()
      for (const step of steps) {
        switch (step._tag) {
          case 'Put': {
            const last = Math.min(PIECES - 1, step.first + step.length - 1)
            putWindow(windows, step.id, step.first, last)
            byId.set(step.id, [step.first, last])
            break
          }
          case 'Drop':
            expect(dropWindow(windows, step.id)).toBe(byId.delete(step.id))
            break
          case 'Have':
            markHave(table, step.piece)
            have.add(step.piece)
            break
          case 'Lose':
            markMissing(table, step.piece)
            have.delete(step.piece)
            break
        }
        expect(neededPieces(windows, table)).toEqual(naive(byId, have))
        for (let piece = 0; piece < PIECES; piece++) {
          const isInside = [...byId.values()].some(([first, last]) => piece >= first && piece <= last)
          expect(isInWindow(windows, piece)).toBe(isInside)
        }
      }
    },
  )

  it('are looked through once for all peers, until a piece comes', () => {
    const table = setupPieceTable({ peers: [], pieces: 100_000 })
    const windows = createWindows()
    putWindow(windows, 1, 0, 99_999)
    const needed = neededPieces(windows, table)
    expect(needed).toHaveLength(256)
    expect(neededPieces(windows, table)).toBe(needed)
    markHave(table, 0)
    expect(neededPieces(windows, table)[0]).toBe(1)
  })
})
