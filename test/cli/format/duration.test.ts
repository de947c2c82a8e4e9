import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { formatDuration } from '../../../src/cli/format/duration.js'

describe('formatDuration', () => {
  it.each([
    [0, '0 s'],
    [0.2, '1 s'],
    [59.5, '1 min 00 s'],
    [185, '3 min 05 s'],
    [3600, '1 h 00 min'],
    [3720, '1 h 02 min'],
    [86_400 * 3 + 3600 * 4, '3 d 04 h'],
    [1e9, '> 99 d'],
    [Number.POSITIVE_INFINITY, '> 99 d'],
  ])('%d is %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text)
  })

  const units = new Map([
    ['s', 1],
    ['min', 60],
    ['h', 3600],
    ['d', 86_400],
  ])
  test.prop([fc.double({ min: 0, max: 99 * 86_400, noNaN: true })])('is near', (seconds) => {
    const words = formatDuration(seconds).split(' ')
    let told = 0
    for (let word = 0; word < words.length; word += 2)
      told += Number(words[word]) * (units.get(words[word + 1] ?? '') ?? NaN)
    const smallest = units.get(words.at(-1) ?? '') ?? NaN
    expect(Math.abs(told - seconds)).toBeLessThanOrEqual(smallest)
  })
})
