import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { uniquePaths } from '../../../src/codecs/metainfo/uniquePaths.js'

const file = (path: string, length = 1, isPad = false): Parameters<typeof uniquePaths>[0][number] => ({
  path: path.split('/'),
  length,
  isPad,
})

const unique = (...paths: ReadonlyArray<string>): unknown =>
  E.map((found: ReadonlyArray<ReadonlyArray<string>>) => found.map((path) => path.join('/')))(
    uniquePaths(paths.map((path) => file(path))),
  )

describe('uniquePaths', () => {
  it.each([
    [
      ['r/a', 'r/b'],
      ['r/a', 'r/b'],
    ],
    [
      ['r/a.txt', 'r/A.TXT', 'r/a.1.txt'],
      ['r/a.txt', 'r/A.1.TXT', 'r/a.1.1.txt'],
    ],
    [
      ['r/a', 'r/a/b'],
      ['r/a.1', 'r/a/b'],
    ],
    [
      ['r/é', 'r/e\u0301'],
      ['r/é', 'r/e\u0301.1'],
    ],
    [
      ['r/ſ', 'r/S'],
      ['r/ſ', 'r/S.1'],
    ],
    [
      ['r/.hidden', 'r/.hidden'],
      ['r/.hidden', 'r/.hidden.1'],
    ],
    [
      ['r/x/a', 'r/X/a'],
      ['r/x/a', 'r/X/a.1'],
    ],
  ])('%j', (paths, expected) => {
    expect(unique(...paths)).toEqual(E.right(expected))
  })

  it('lets pad files of one length share a path', () => {
    const paths = uniquePaths([
      file('r/.pad/9', 9, true),
      file('r/.pad/9', 9, true),
      file('r/.pad/9', 8, true),
    ])
    expect(paths).toEqual(
      E.right([
        ['r', '.pad', '9'],
        ['r', '.pad', '9'],
        ['r', '.pad', '9.1'],
      ]),
    )
  })

  it('gives up on 600 files of one name', () => {
    expect(unique(...Array.from({ length: 600 }, () => 'r/a'))).toEqual(
      E.left(expect.objectContaining({ _tag: 'LimitExceeded', limit: 'duplicate names', allowed: 500 })),
    )
  })

  const name = fc.constantFrom('a', 'A', 'b', 'é', 'e\u0301', 'a.1', 'É')
  test.prop([fc.array(fc.array(name, { minLength: 1, maxLength: 3 }), { maxLength: 12 })])(
    'no file has the path of another or of a directory, on any file system',
    (paths) => {
      const found = uniquePaths(paths.map((path) => file(['r', ...path].join('/'))))
      if (E.isLeft(found)) throw new Error('limit')
      const fold = (path: ReadonlyArray<string>): string => path.join('/').normalize('NFC').toLowerCase()
      const files = new Set(found.right.map(fold))
      const directories = found.right.flatMap((path) =>
        path.slice(1).map((_, i) => fold(path.slice(0, i + 1))),
      )
      expect(files.size).toBe(paths.length)
      expect(directories.filter((directory) => files.has(directory))).toEqual([])
    },
  )
})
