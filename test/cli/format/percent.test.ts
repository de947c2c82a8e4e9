import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { formatPercent } from '../../../src/cli/format/percent.js'

describe('formatPercent', () => {
  it.each([
    [0, '0.0 %'],
    [0.6249, '62.4 %'],
    [0.99999, '99.9 %'],
    [1, '100 %'],
  ])('%d is %s', (fraction, text) => {
    expect(formatPercent(fraction)).toBe(text)
  })

  test.prop([fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })])(
    'says 100 only when all is there, and never too much',
    (fraction) => {
      const percent = Number.parseFloat(formatPercent(fraction))
      expect(percent).toBeLessThan(100)
      expect(percent).toBeLessThanOrEqual(fraction * 100 + 1e-9)
      expect(percent).toBeGreaterThan(fraction * 100 - 0.1 - 1e-9)
    },
  )
})
