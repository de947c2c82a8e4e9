import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { cutToWidth, displayWidth } from '../../../src/cli/format/width.js'

describe('displayWidth', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['日本語', 6],
    ['한글', 4],
    ['ｆｕｌｌ', 8],
    ['👍', 2],
    ['👩‍👩‍👧', 2],
    ['↓…━█░', 5],
  ])('%s takes %d', (text, columns) => {
    expect(displayWidth(text)).toBe(columns)
  })
})

describe('cutToWidth', () => {
  it('cuts between characters', () => {
    expect(cutToWidth('abcdef', 4, '…')).toBe('abc…')
    expect(cutToWidth('日本語', 4, '…')).toBe('日…')
    expect(cutToWidth('日本', 4, '…')).toBe('日本')
    expect(cutToWidth('abc', 0, '…')).toBe('')
  })

  test.prop([fc.string({ unit: 'grapheme' }), fc.nat({ max: 40 })])('fits', (text, columns) => {
    expect(displayWidth(cutToWidth(text, columns, '…'))).toBeLessThanOrEqual(columns)
  })
})
