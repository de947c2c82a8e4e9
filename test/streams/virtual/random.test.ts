import { describe, expect, it } from 'vitest'
import { createVirtualRandom } from '../../../src/streams/virtual/random.js'

describe('createVirtualRandom', () => {
  it('gives bytes that follow from the seed', () => {
    const [one, same, other] = [7, 7, 8].map(createVirtualRandom)
    const bytes = one!.bytes(64)
    expect(bytes).toHaveLength(64)
    expect(same!.bytes(64)).toEqual(bytes)
    expect(other!.bytes(64)).not.toEqual(bytes)
    expect(one!.bytes(64)).not.toEqual(bytes)
  })

  it('uses every byte value', () => {
    expect(new Set(createVirtualRandom(1).bytes(10_000)).size).toBe(256)
  })
})
