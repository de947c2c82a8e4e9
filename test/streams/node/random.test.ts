import { describe, expect, it } from 'vitest'
import { nodeRandom } from '../../../src/streams/node/random.js'

describe('nodeRandom', () => {
  it('gives as many bytes as it is asked for, never the same ones', () => {
    expect(nodeRandom.bytes(0)).toHaveLength(0)
    const draws = [...Array(100).keys()].map(() => nodeRandom.bytes(20).join())
    expect(new Set(draws).size).toBe(100)
  })

  it('gives memory that nobody else has', () => {
    const bytes = nodeRandom.bytes(20)
    expect(bytes.buffer.byteLength).toBe(20)
  })
})
