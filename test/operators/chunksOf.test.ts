import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { chunksOf } from '../../src/operators/chunksOf.js'

describe('chunksOf', () => {
  it('cuts a list, with what is left at its end', () => {
    expect(chunksOf([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]])
    expect(chunksOf([], 2)).toEqual([])
  })

  test.prop([fc.array(fc.integer()), fc.integer({ min: 1, max: 10 })])(
    'loses nothing, and only the last is shorter',
    (all, size) => {
      const chunks = chunksOf(all, size)
      expect(chunks.flat()).toEqual(all)
      for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBe(size)
      expect(chunks.every(({ length }) => length > 0 && length <= size)).toBe(true)
    },
  )
})
