import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { createRangeSet } from '../../../src/streams/virtual/rangeSet.js'

const range = fc.tuple(fc.nat(60), fc.nat(15)).map(([begin, length]) => [begin, begin + length] as const)

describe('createRangeSet', () => {
  test.prop([fc.array(range, { maxLength: 30 }), fc.array(range, { maxLength: 30 })])(
    'agrees with a set of bytes',
    (added, asked) => {
      const ranges = createRangeSet()
      const model = new Set<number>()
      for (const [begin, end] of added) {
        ranges.add(begin, end)
        for (let byte = begin; byte < end; byte++) model.add(byte)
      }
      expect(ranges.size()).toBe(model.size)
      for (const [begin, end] of asked) {
        let count = 0
        for (let byte = begin; byte < end; byte++) if (model.has(byte)) count++
        expect(ranges.count(begin, end)).toBe(count)
        expect(ranges.covers(begin, end)).toBe(count === end - begin)
      }
      let before = -1
      let sum = 0
      ranges.forEach((begin, end) => {
        expect(begin).toBeGreaterThan(before)
        expect(end).toBeGreaterThan(begin)
        before = end
        sum += end - begin
      })
      expect(sum).toBe(model.size)
    },
  )
})
