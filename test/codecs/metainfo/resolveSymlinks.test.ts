import { describe, expect, it } from 'vitest'
import { resolveSymlinks } from '../../../src/codecs/metainfo/resolveSymlinks.js'

/** `path` or `path -> target`; the target is below the root or the link's folder. */
const resolve = (...files: ReadonlyArray<string>): ReadonlyArray<string | undefined> =>
  resolveSymlinks(
    files.map((file) => {
      const [path = '', target] = file.split(' -> ')
      return { path: path.split('/'), target: target?.split('/') }
    }),
  ).map((path) => path?.join('/'))

describe('resolveSymlinks', () => {
  it.each([
    [['r/a', 'r/l -> a'], 'r/a'],
    [['r/d/a', 'r/l -> d'], 'r/d'],
    [['r/d/a', 'r/d/l -> a'], 'r/d/a'],
    [['r/d/a', 'r/a', 'r/d/l -> a'], 'r/a'],
    [['r/v/A/h', 'r/v/current -> A', 'r/l -> v/current/h'], 'r/v/current/h'],
    [['r/a', 'r/l -> nowhere'], undefined],
    [['r/a', 'r/l -> a/b'], undefined],
    [['r/a', 'r/l -> r/a'], undefined],
    [['r/l -> l'], undefined],
    [['r/m -> l', 'r/l -> m'], undefined],
    [['r/d/m -> l/x', 'r/l -> d/m'], undefined],
  ])('%j', (files, expected) => {
    expect(resolve(...files).at(-1)).toBe(expected)
  })

  it('follows few hops only', () => {
    const chain = Array.from({ length: 20 }, (_, i) => `r/${String(i)} -> ${String(i + 1)}`)
    const resolved = resolve(...chain.toReversed(), 'r/20')
    expect(resolved[0]).toBe('r/20')
    expect(resolve(...chain, 'r/20')[0]).toBeUndefined()
  })

  it('has nothing to say of plain files', () => {
    expect(resolve('r/a', 'r/b')).toEqual([undefined, undefined])
  })
})
