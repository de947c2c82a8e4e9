import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { formatBar } from '../../../src/cli/format/bar.js'
import { asciiGlyphs, unicodeGlyphs } from '../../../src/cli/format/glyphs.js'
import { displayWidth } from '../../../src/cli/format/width.js'

describe('formatBar', () => {
  it('grows', () => {
    expect(formatBar(0, 4, asciiGlyphs)).toBe('----')
    expect(formatBar(0.5, 4, asciiGlyphs)).toBe('##--')
    expect(formatBar(0.999, 4, asciiGlyphs)).toBe('###-')
    expect(formatBar(1, 4, asciiGlyphs)).toBe('####')
  })

  test.prop([fc.double({ noNaN: true }), fc.nat({ max: 300 }), fc.constantFrom(asciiGlyphs, unicodeGlyphs)])(
    'is exactly as wide as asked, whatever the share',
    (fraction, columns, glyphs) => {
      expect(displayWidth(formatBar(fraction, columns, glyphs))).toBe(columns)
    },
  )
})
