import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { addInterval, hasInterval, noIntervals } from '../../../src/streams/disk/intervals.js'

const interval = fc.tuple(fc.nat(40), fc.nat(8))

describe('intervals', () => {
  test.prop([fc.array(interval, { maxLength: 30 }), interval])(
    'are a set of numbers',
    (added, [from, count]) => {
      const intervals = noIntervals()
      const model = new Set<number>()
      for (const [begin, length] of added) {
        addInterval(intervals, begin, begin + length)
        for (let at = begin; at < begin + length; at += 1) model.add(at)
      }
      const wanted = [...Array(count).keys()].map((at) => from + at)
      expect(hasInterval(intervals, from, from + count)).toBe(wanted.every((at) => model.has(at)))
    },
  )

  test.prop([fc.array(interval, { maxLength: 30 })])('stay sorted, apart and not empty', (added) => {
    const intervals = noIntervals()
    for (const [begin, length] of added) addInterval(intervals, begin, begin + length)
    const { begins, ends } = intervals
    expect(begins).toHaveLength(ends.length)
    begins.forEach((begin, run) => {
      expect(ends[run]).toBeGreaterThan(begin)
      if (run > 0) expect(begin).toBeGreaterThan(ends[run - 1]!)
    })
  })
})
