import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { formatBytes, formatRate } from '../../../src/cli/format/bytes.js'

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB']
const read = (text: string): number => {
  const [value = '', unit = ''] = text.split(' ')
  return Number(value) * 1024 ** units.indexOf(unit)
}

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1536, '1.5 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [48 * 1024 * 1024, '48.0 MiB'],
    [2 ** 48, '256.0 TiB'],
  ])('%d is %s', (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text)
  })

  const size = fc.oneof(fc.maxSafeNat(), fc.double({ min: 0, max: 2 ** 53, noNaN: true }))

  test.prop([size])('is short and near', (bytes) => {
    const text = formatBytes(bytes)
    expect(text.length).toBeLessThanOrEqual(10)
    expect(text).toMatch(/^\d{1,4}(\.\d)? [KMGTPE]?i?B$/)
    expect(Math.abs(read(text) - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.051))
  })

  test.prop([size, size])('keeps the order', (a, b) => {
    const [less, more] = a < b ? [a, b] : [b, a]
    expect(read(formatBytes(less))).toBeLessThanOrEqual(read(formatBytes(more)))
  })

  it('tells rates', () => {
    expect(formatRate(12.5 * 1024 * 1024)).toBe('12.5 MiB/s')
    expect(formatRate(0.4)).toBe('0 B/s')
  })
})
