import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import {
  addInterval,
  clearIntervals,
  hasInterval,
  noIntervals,
  takeUpTo,
} from '../../../src/streams/disk/intervals.js'

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

  test.prop([fc.array(interval, { maxLength: 30 }), fc.nat(50)])(
    'are taken out up to where they end',
    (added, from) => {
      const intervals = noIntervals()
      const model = new Set<number>()
      for (const [begin, length] of added) {
        addInterval(intervals, begin, begin + length)
        for (let at = begin; at < begin + length; at += 1) model.add(at)
      }
      let end = from
      while (model.has(end)) end += 1
      expect(takeUpTo(intervals, from)).toBe(end)
      const left = [...Array(60).keys()].filter((at) => hasInterval(intervals, at, at + 1))
      expect(left).toEqual([...model].filter((at) => at > end).sort((a, b) => a - b))
    },
  )

  test('are forgotten', () => {
    const intervals = noIntervals()
    addInterval(intervals, 3, 5)
    clearIntervals(intervals)
    expect(hasInterval(intervals, 3, 4)).toBe(false)
    addInterval(intervals, 4, 6)
    expect(intervals).toEqual({ begins: [4], ends: [6] })
  })
})
