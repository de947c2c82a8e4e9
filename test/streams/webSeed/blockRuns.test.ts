import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import { type BlockRequest, takeRun } from '../../../src/streams/webSeed/blockRuns.js'

const PIECE = 64
const block = (piece: number, begin: number, length = 16): BlockRequest => ({ piece, begin, length })

describe('takeRun', () => {
  it('takes what follows without a gap, over the end of a piece too', () => {
    const waiting = [block(0, 32), block(0, 48), block(1, 0), block(3, 0)]
    expect(takeRun(waiting, PIECE, 1_000)).toEqual([block(0, 32), block(0, 48), block(1, 0)])
    expect(waiting).toEqual([block(3, 0)])
  })

  it('takes no more than it may, but one at least', () => {
    const waiting = [block(0, 0), block(0, 16), block(0, 32)]
    expect(takeRun(waiting, PIECE, 40)).toHaveLength(2)
    expect(takeRun(waiting, PIECE, 1)).toHaveLength(1)
    expect(waiting).toEqual([])
  })

  it('gives every request once, in order, in runs without gaps', () => {
    const requests = fc.array(
      fc.record({
        piece: fc.nat(3),
        begin: fc.constantFrom(0, 16, 32, 48),
        length: fc.constant(16),
      }),
    )
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 200 }), (all, most) => {
        const waiting = [...all]
        const taken: BlockRequest[] = []
        while (waiting.length > 0) {
          const run = takeRun(waiting, PIECE, most)
          expect(run.length).toBeGreaterThan(0)
          run.slice(1).forEach(({ piece, begin }, i) => {
            const before = run[i]!
            expect(piece * PIECE + begin).toBe(before.piece * PIECE + before.begin + before.length)
          })
          taken.push(...run)
        }
        expect(taken).toEqual(all)
      }),
    )
  })
})
