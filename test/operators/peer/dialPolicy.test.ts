import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { defaultDial } from '../../../src/operators/peer/dialPolicy.js'
import { canonicalPriority } from '../../../src/operators/peer/canonicalPriority.js'
import type { DialCandidate } from '../../../src/operators/peer/policy.js'
import { createPrng } from '../../../src/operators/random.js'
import { candidate, dialContext } from './dials.js'

const dial = (candidates: ReadonlyArray<DialCandidate>, room: number, random = (): number => 0): number[] =>
  defaultDial(dialContext(candidates, { room, random })).map(({ port }) => port)

describe('defaultDial', () => {
  it('takes the fewest failures, then the untried, then the user’s, then a tracker’s', () => {
    const candidates = [
      candidate(1, { failures: 1, source: 'manual' }),
      candidate(2, { lastTriedAt: 5 }),
      candidate(3, { source: 'resume' }),
      candidate(4, { source: 'tracker' }),
      candidate(5, { source: 'manual' }),
      candidate(6, { lastTriedAt: 5, source: 'manual' }),
      candidate(7, { failures: 2 }),
    ]
    expect(dial(candidates, 9)).toEqual([5, 4, 3, 6, 2, 1, 7])
    expect(dial(candidates, 2)).toEqual([5, 4])
    expect(dial(candidates, 0)).toEqual([])
    expect(dial(candidates, -1)).toEqual([])
    expect(dial([], 5)).toEqual([])
  })

  it('goes by canonical priority between equals, once our address is known', () => {
    const own = { host: '123.213.32.10', port: 6_881 }
    const candidates = Array.from({ length: 40 }, (_, i) => candidate(i, { host: `98.${String(i)}.54.32` }))
    const ctx = dialContext([candidate(99, { host: 'example.test' }), ...candidates], {
      room: 50,
      ownAddress: O.some(own),
    })
    const order = defaultDial(ctx).map((address) => O.toUndefined(canonicalPriority(own, address)) ?? 0)
    expect(order).toEqual(order.toSorted((a, b) => b - a))
    expect(order.at(-1)).toBe(0)
  })

  it('draws between equals', () => {
    const candidates = Array.from({ length: 10 }, (_, port) => candidate(port))
    const { next } = createPrng(1)
    const counts = new Uint32Array(10)
    for (let i = 0; i < 5_000; i++) for (const port of dial(candidates, 2, next)) counts[port]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })

  test.prop([fc.array(fc.nat(3), { maxLength: 30 }), fc.nat(40)])(
    'fills the room, each once',
    (failures, room) => {
      const candidates = failures.map((count, port) => candidate(port, { failures: count }))
      const chosen = dial(candidates, room, createPrng(room).next)
      expect(new Set(chosen).size).toBe(Math.min(room, candidates.length))
      expect(chosen).toHaveLength(Math.min(room, candidates.length))
    },
  )
})
