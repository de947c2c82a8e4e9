import { stripVTControlCharacters, styleText } from 'node:util'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { asciiGlyphs, unicodeGlyphs } from '../../../src/cli/format/glyphs.js'
import { displayWidth } from '../../../src/cli/format/width.js'
import { progressLines, progressText } from '../../../src/cli/progress/progressLines.js'
import { noPaint, type Style } from '../../../src/cli/world.js'
import type { SessionState } from '../../../src/index.js'
import { sessionState } from '../support/sessionState.js'

const plain: Style = { glyphs: asciiGlyphs, paint: noPaint }
const colourful: Style = {
  glyphs: unicodeGlyphs,
  paint: (colour, text) => styleText(colour, text, { validateStream: false }),
}

const halfway = sessionState({
  progress: {
    pieceCount: 4,
    havePieces: 2,
    totalBytes: 4096,
    haveBytes: 2048,
    fraction: 0.5,
    checked: O.none,
    wantedBytes: 4096,
    wantedHaveBytes: 2048,
    isDone: false,
    isComplete: false,
  },
  pieces: {
    status: Uint8Array.of(3, 3, 1, 0),
    availability: new Uint16Array(4),
    priority: new Uint8Array(4).fill(4),
  },
  rates: { down: 1024 * 1024, up: 0, eta: O.some(61) },
})

describe('progressLines', () => {
  it('tells all in two lines', () => {
    expect(progressLines(halfway, 120, plain)).toEqual([
      '50.0 %  ###############---------------  2.0 KiB of 4.0 KiB  down 1.0 MiB/s  up 0 B/s  0 peers  ETA 1 min 01 s',
      '##+.',
    ])
  })

  it('gives up what matters least where room is short', () => {
    const [line = ''] = progressLines(halfway, 50, plain)
    expect(line).toContain('50.0 %')
    expect(line).toContain('down 1.0 MiB/s')
    expect(line).not.toContain('2.0 KiB of')
  })

  it('shows how far a check is', () => {
    const checking = sessionState({
      phase: 'checking',
      progress: { ...halfway.progress, checked: O.some(0.25) },
    })
    expect(progressText(checking)).toBe('25.0 %  checking')
  })

  it('calls done what is done', () => {
    const progress = {
      ...halfway.progress,
      havePieces: 4,
      haveBytes: 4096,
      wantedHaveBytes: 4096,
      fraction: 1,
      isDone: true,
      isComplete: true,
    }
    expect(progressText(sessionState({ phase: 'stopped', progress }))).toBe('100 %  done')
    expect(progressText({ ...halfway, phase: 'stopped' })).toBe('50.0 %  stopped')
  })

  const states: fc.Arbitrary<SessionState> = fc
    .record({
      phase: fc.constantFrom(
        'opening',
        'checking',
        'downloading',
        'seeding',
        'stalled',
        'stopping',
        'stopped',
      ),
      fraction: fc.double({ min: 0, max: 1, noNaN: true }),
      totalBytes: fc.maxSafeNat(),
      down: fc.double({ min: 0, max: 1e12, noNaN: true }),
      eta: fc.option(fc.double({ min: 0, noNaN: true })),
      status: fc.uint8Array({ max: 3, maxLength: 300 }),
    })
    .map(({ phase, fraction, totalBytes, down, eta, status }) =>
      sessionState({
        phase,
        progress: {
          pieceCount: status.length,
          havePieces: status.filter((piece) => piece === 3).length,
          totalBytes,
          haveBytes: Math.floor(totalBytes * fraction),
          fraction,
          checked: phase === 'checking' ? O.some(fraction) : O.none,
          wantedBytes: totalBytes,
          wantedHaveBytes: Math.floor(totalBytes * fraction),
          isDone: fraction === 1,
          isComplete: fraction === 1,
        },
        pieces: {
          status,
          availability: new Uint16Array(status.length),
          priority: new Uint8Array(status.length),
        },
        rates: { down, up: down, eta: O.fromNullable(eta) },
      }),
    )

  test.prop([states, fc.integer({ min: 6, max: 250 }), fc.constantFrom(plain, colourful)])(
    'never is wider than the terminal',
    (state, columns, style) => {
      for (const line of progressLines(state, columns, style))
        expect(displayWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns)
    },
  )
})

describe('progressText', () => {
  it('tells the same without pictures', () => {
    expect(progressText(halfway)).toBe(
      '50.0 %  2.0 KiB of 4.0 KiB  down 1.0 MiB/s  up 0 B/s  0 peers  ETA 1 min 01 s',
    )
  })
})
