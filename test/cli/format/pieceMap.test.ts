import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { asciiGlyphs, unicodeGlyphs } from '../../../src/cli/format/glyphs.js'
import { formatPieceMap } from '../../../src/cli/format/pieceMap.js'
import { displayWidth } from '../../../src/cli/format/width.js'
import { pieceStatus } from '../../../src/index.js'

const { missing, partial, verifying, have } = pieceStatus

describe('formatPieceMap', () => {
  it('shows each piece where there is room', () => {
    expect(formatPieceMap(Uint8Array.of(missing, partial, verifying, have), 10, asciiGlyphs)).toBe('.++#')
  })

  it('shows shares where there is not', () => {
    const status = Uint8Array.of(have, have, have, have, have, missing, partial, missing, missing, missing)
    expect(formatPieceMap(status, 5, asciiGlyphs)).toBe('##5+.')
  })

  it('has nothing to show of nothing', () => {
    expect(formatPieceMap(new Uint8Array(), 10, asciiGlyphs)).toBe('')
    expect(formatPieceMap(Uint8Array.of(have), 0, asciiGlyphs)).toBe('')
  })

  const statuses = fc.uint8Array({ minLength: 1, maxLength: 500, max: have })

  test.prop([statuses, fc.integer({ min: 1, max: 200 }), fc.constantFrom(asciiGlyphs, unicodeGlyphs)])(
    'fits, and is full exactly where all is there',
    (status, columns, glyphs) => {
      const map = formatPieceMap(status, columns, glyphs)
      expect(displayWidth(map)).toBe(Math.min(columns, status.length))
      const full = glyphs.shares.at(-1)
      expect(Array.from(map).every((cell) => cell === full)).toBe(status.every((piece) => piece === have))
      expect(Array.from(map).every((cell) => cell === glyphs.none || cell === glyphs.active)).toBe(
        !status.includes(have),
      )
    },
  )
})
