import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { uniquePaths } from '../../src/codecs/metainfo/uniquePaths.js'
import { renameFiles } from '../../src/codecs/renameFiles.js'

const fileAt = (
  path: ReadonlyArray<string>,
  isPad = false,
): { readonly path: ReadonlyArray<string>; readonly length: number; readonly isPad: boolean } => ({
  path,
  length: 5,
  isPad,
})

const files = [
  fileAt(['t', 'a']),
  fileAt(['t', 'd', 'b']),
  fileAt(['t', '.pad', '5'], true),
  fileAt(['t', 'c']),
]

/** Names that mean harm, and some that do not. */
const element = fc.constantFrom(
  ...['a', 'A', 'b', 'c', 'd', 't', 'x', 'e\u0301', '\u00e9', '.', '..', '', ' ', 'CON', 'a:b', 'x.'],
  ...[
    '..\\x',
    '/etc',
    'a/b',
    'a\u0000b',
    'a\nb',
    '\u202ea',
    '.rxtorrent',
    '.RXTORRENT',
    'z'.repeat(300),
    '\ud800',
  ],
)
const anyPath = fc.array(element, { maxLength: 4 })

describe('files under other names', () => {
  it('are the same where nothing is renamed', () => {
    expect(renameFiles(files, [], 'posix')).toBe(files)
  })

  it('keep all but their path', () => {
    expect(renameFiles(files, [{ file: 1, path: ['elsewhere', 'x y'] }], 'posix')).toEqual([
      files[0],
      { ...files[1], path: ['elsewhere', 'x y'] },
      files[2],
      files[3],
    ])
  })

  it('may change places', () => {
    const renamed = [
      { file: 0, path: ['t', 'c'] },
      { file: 3, path: ['t', 'a'] },
    ]
    expect(renameFiles(files, renamed, 'posix')?.map(({ path }) => path.join('/'))).toEqual([
      't/c',
      't/d/b',
      't/.pad/5',
      't/a',
    ])
  })

  it.each<readonly [string, number, ReadonlyArray<string>]>([
    ['no path', 0, []],
    ['an empty name', 0, ['t', '']],
    ['the folder above', 0, ['..', 'a']],
    ['the folder above, further on', 0, ['t', '..', '..', 'a']],
    ['the folder itself', 0, ['.']],
    ['an absolute path', 0, ['/etc/passwd']],
    ['a separator of another system', 0, ['t\\..\\..\\a']],
    ['a zero byte', 0, ['t', 'a\u0000']],
    ['a line', 0, ['t', 'a\nb']],
    ['a name that shows as another', 0, ['t', '\u202etxt.exe']],
    ['half a character', 0, ['t', '\ud800']],
    ['a name that is too long', 0, ['t', 'z'.repeat(241)]],
    ['more folders than a torrent may have', 0, Array.from({ length: 101 }, () => 'd')],
    ['the folder that is ours', 0, ['.rxtorrent', 'a']],
    ['the folder that is ours, in other letters', 0, ['.RxTorrent', 'a']],
    ['the name of another file', 0, ['t', 'c']],
    ['the name of another file, in other letters', 0, ['T', 'C']],
    ['a folder of another file', 0, ['t', 'd']],
    ['a place below another file', 0, ['t', 'c', 'x']],
    ['a pad file', 2, ['t', 'x']],
    ['no file', 4, ['t', 'x']],
    ['no file', -1, ['t', 'x']],
  ])('are refused: %s', (_, file, path) => {
    expect(renameFiles(files, [{ file, path }], 'posix')).toBeUndefined()
  })

  it.each([['CON'], ['a:b'], ['x.'], ['nul.txt']])('follow the rules of the system: %s', (name) => {
    expect(renameFiles(files, [{ file: 0, path: [name] }], 'windows')).toBeUndefined()
    expect(renameFiles(files, [{ file: 0, path: [name] }], 'posix')).toBeDefined()
  })

  test.prop([
    fc.array(fc.record({ file: fc.integer({ min: -1, max: 5 }), path: anyPath }), { maxLength: 4 }),
  ])('are such as a torrent could have, whatever is asked for', (renamed) => {
    const named = renameFiles(files, renamed, 'posix')
    if (named === undefined) return
    const paths = named.map(({ path }) => path)
    expect(uniquePaths(named)).toEqual(E.right(paths))
    for (const path of paths) {
      expect(path.length).toBeGreaterThan(0)
      expect(path[0]?.toLowerCase()).not.toBe('.rxtorrent')
      for (const name of path) expect(name).not.toMatch(/^\.{0,2}$|[/\\\n\0]/)
    }
  })
})
