import { describe, expect, it } from 'vitest'
import { formatElapsed } from '../../../src/cli/format/elapsed.js'

describe('formatElapsed', () => {
  it.each([
    [0, '0.1 s'],
    [0.26, '0.3 s'],
    [2.34, '2.3 s'],
    [9.94, '9.9 s'],
    [9.96, '10 s'],
    [12.4, '12 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
  ])('%d is %s', (seconds, text) => {
    expect(formatElapsed(seconds)).toBe(text)
  })
})
