import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fromHex, fromLatin1, toLatin1, toUtf8 } from '../../src/codecs/bytes.js'
import { uniquePaths } from '../../src/codecs/metainfo/uniquePaths.js'
import type { PathPlatform } from '../../src/codecs/safePath.js'
import { sanitizeElement, sanitizePath } from '../../src/codecs/safePath.js'
import { readVectors } from './support/corpus.js'

const File = t.intersection([
  t.type({ path: t.string, expect: t.string }),
  t.partial({ pad: t.boolean, size: t.number }),
])

const vectors = readVectors(
  'paths',
  t.type({
    sanitize: t.array(
      t.type({ elements: t.array(t.string), posix_latin1: t.string, windows_latin1: t.string }),
    ),
    sanitize_force_element: t.array(t.type({ elements: t.array(t.string), posix: t.string })),
    truncate: t.array(t.type({ element: t.string, expect: t.string })),
    duplicates_casefold: t.array(t.array(File)),
    transmission_portable: t.array(t.type({ name: t.string, posix_ok: t.boolean, windows_ok: t.boolean })),
    windows_reserved: t.array(t.string),
    anacrolix_escape: t.array(t.type({ elements: t.array(t.string) })),
  }),
)

it('has the vectors it had when this was written', () => {
  const counts = Object.values(vectors).flatMap((group: unknown) =>
    Array.isArray(group) ? [group.length] : [],
  )
  expect(counts).toEqual([37, 5, 2, 9, 14, 32, 4])
  console.info(`path conformance: ${String(counts.reduce((sum, count) => sum + count, 0))} vectors`)
})

const fromHexed = (hex: string): Uint8Array => fromHex(hex) ?? new Uint8Array(0)

/** The vectors' form for a path of which nothing is left is an empty text; ours is `_`. */
const joined = (elements: ReadonlyArray<Uint8Array>, platform: PathPlatform): string =>
  toLatin1(toUtf8(sanitizePath(elements, platform).join(platform === 'posix' ? '/' : '\\')))

describe('sanitize', () => {
  it.each(vectors.sanitize)('$elements', ({ elements, posix_latin1: posix, windows_latin1: windows }) => {
    expect(joined(elements.map(fromHexed), 'posix')).toBe(posix === '' ? '_' : posix)
    expect(joined(elements.map(fromHexed), 'windows')).toBe(windows === '' ? '_' : windows)
  })

  it.each(vectors.sanitize_force_element)('element by element: $elements', ({ elements, posix }) => {
    const names = elements.map((element) => sanitizeElement(fromLatin1(element), 'posix'))
    expect(names.map((name) => (name === '' ? '_' : name)).join('/')).toBe(posix)
  })

  it.each(vectors.truncate)('cuts $element', (vector) => {
    expect(sanitizeElement(toUtf8(vector.element), 'posix')).toBe(vector.expect)
  })

  it.each(vectors.anacrolix_escape)('contains $elements', ({ elements }) => {
    const path = sanitizePath(elements.map(toUtf8), 'posix')
    expect(path.filter((name) => /^\.{0,2}$|[/\\]/.test(name))).toEqual([])
  })
})

describe('names that need no change', () => {
  it.each(vectors.transmission_portable)('$name', ({ name, posix_ok: posix, windows_ok: windows }) => {
    expect(sanitizeElement(toUtf8(name), 'posix') === name).toBe(posix)
    expect(sanitizeElement(toUtf8(name), 'windows') === name).toBe(windows)
  })

  it.each(vectors.windows_reserved)('%s is not one on Windows', (device) => {
    for (const name of [device, device.toLowerCase(), `${device}.txt`, `${device} .txt`]) {
      expect(sanitizeElement(toUtf8(name), 'windows')).toBe(`_${name}`)
    }
  })
})

it.each(
  vectors.duplicates_casefold.map((files) => [files.map(({ path }) => path).join(' '), files] as const),
)('duplicates: %s', (_, files) => {
  const paths = uniquePaths(
    files.map(({ path, pad = false, size = 1 }) => ({ path: path.split('/'), isPad: pad, length: size })),
  )
  expect(
    E.map((found: ReadonlyArray<ReadonlyArray<string>>) => found.map((path) => path.join('/')))(paths),
  ).toEqual(E.right(files.map((file) => file.expect)))
})
