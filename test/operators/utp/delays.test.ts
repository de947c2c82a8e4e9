import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createDelays, queueingDelay } from '../../../src/operators/utp/delays.js'

describe('queueingDelay', () => {
  test.prop([fc.integer({ min: 0, max: 0xffff_ffff })])(
    'is over the least there was, wherever the clocks stand',
    (base) => {
      const delays = createDelays()
      const at = (us: number, now: number): number => queueingDelay(delays, (base + us) >>> 0, now)
      expect(at(5_000, 0)).toBe(0)
      expect(at(2_000, 1)).toBe(0)
      // One alone is chance.
      expect(at(90_000, 2)).toBe(0)
      expect(at(80_000, 3)).toBe(0)
      expect(at(100_000, 4)).toBe(78)
    },
  )

  it('forgets after three minutes what the path was like', () => {
    const delays = createDelays()
    queueingDelay(delays, 1_000, 0)
    const seen: number[] = []
    for (let minute = 1; minute <= 4; minute++) {
      for (let i = 0; i < 3; i++) queueingDelay(delays, 51_000, 60_000 * minute)
      seen.push(queueingDelay(delays, 51_000, 60_000 * minute + 1))
    }
    expect(seen).toEqual([50, 50, 0, 0])
  })
})
