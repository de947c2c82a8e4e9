import { join, posix, win32 } from 'node:path'
import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fromUtf8, toUtf8 } from '../../src/codecs/bytes.js'
import type { PathPlatform } from '../../src/codecs/safePath.js'
import { sanitizeElement, sanitizePath } from '../../src/codecs/safePath.js'

const platform = fc.constantFrom<PathPlatform>('posix', 'windows')

/** Bytes in which what matters to file systems is not rare. */
const element = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc
    .array(
      fc.constantFrom(
        '.',
        '..',
        '/',
        '\\',
        ':',
        ' ',
        'a',
        'CON',
        'nul',
        '.txt',
        '\0',
        '\u202e',
        '\u200b',
        '\ufeff',
        'é',
        '漢',
        '😀',
        '|',
      ),
      { maxLength: 12 },
    )
    .map((parts) => toUtf8(parts.join(''))),
  fc.string({ unit: 'grapheme', minLength: 60, maxLength: 400 }).map(toUtf8),
)

describe('sanitizeElement', () => {
  it.each([
    ['', '_', '_'],
    ['.', '', ''],
    ['..', '', ''],
    ['/', '', ''],
    ['../../x', '....x', '....x'],
    ['a\0b', 'a_b', 'a_b'],
    ['exe.\u202egpj', 'exe.gpj', 'exe.gpj'],
    ['\u2028', '_', '_'],
    ['a?b', 'a?b', 'a_b'],
    ['con', 'con', '_con'],
    ['LPT9 .log', 'LPT9 .log', '_LPT9 .log'],
    ['console', 'console', 'console'],
    [' . ', ' . ', ''],
    ['a. ', 'a. ', 'a'],
    ['C:', 'C:', 'C_'],
  ])('%j', (written, onPosix, onWindows) => {
    expect(sanitizeElement(toUtf8(written), 'posix')).toBe(onPosix)
    expect(sanitizeElement(toUtf8(written), 'windows')).toBe(onWindows)
  })

  it.each([
    ['x'.repeat(240), 'x'.repeat(240)],
    ['x'.repeat(300), 'x'.repeat(240)],
    [`${'x'.repeat(300)}.torrent`, `${'x'.repeat(240)}.torrent`],
    [`${'x'.repeat(300)}.too-long-for-one`, 'x'.repeat(240)],
    [`${'é'.repeat(200)}.txt`, `${'é'.repeat(120)}.txt`],
    [`a${'é'.repeat(200)}`, `a${'é'.repeat(119)}`],
    ['😀'.repeat(100), '😀'.repeat(60)],
  ])('shortens %.12s… between characters, before the extension', (written, short) => {
    expect(sanitizeElement(toUtf8(written), 'posix')).toBe(short)
  })

  it('takes time in proportion to its input', () => {
    const hostile = toUtf8(`a${' '.repeat(1_000_000)}b`)
    expect(sanitizeElement(hostile, 'windows')).toBe(`a${' '.repeat(239)}`.trim())
  })

  test.prop([element, platform])('changes nothing the second time', (bytes, on) => {
    const once = sanitizeElement(bytes, on)
    if (once !== '') expect(sanitizeElement(toUtf8(once), on)).toBe(once)
  })

  test.prop([element, platform])('gives a plain name, or none', (bytes, on) => {
    const name = sanitizeElement(bytes, on)
    expect(name).not.toMatch(/^\.{1,2}$|[/\\\p{Cc}\p{Bidi_Control}\u2028\u2029\ufffd]/u)
    expect(fromUtf8(toUtf8(name))).toBe(name)
    expect(toUtf8(name).length).toBeLessThanOrEqual(249)
    if (on === 'windows') expect(name).not.toMatch(/[<>:"|?*]|[. ]$|^(?:con|nul|prn|aux)(?:\.|$)/i)
  })
})

describe('sanitizePath', () => {
  it('leaves out what names nothing, and is never empty', () => {
    expect(sanitizePath([], 'posix')).toEqual(['_'])
    expect(sanitizePath(['..', '.', '/'].map(toUtf8), 'posix')).toEqual(['_'])
    expect(sanitizePath(['..', '..', 'etc', 'passwd'].map(toUtf8), 'posix')).toEqual(['etc', 'passwd'])
  })

  test.prop([fc.array(element, { maxLength: 6 }), platform])('stays below any folder', (elements, on) => {
    const path = sanitizePath(elements, on)
    expect(posix.join('/root', ...path).startsWith('/root/')).toBe(true)
    if (on === 'windows') expect(win32.resolve('C:\\root', ...path)).toBe(`C:\\root\\${path.join('\\')}`)
    expect(join('root', ...path).split(/[/\\]/)).toEqual(['root', ...path])
  })
})
