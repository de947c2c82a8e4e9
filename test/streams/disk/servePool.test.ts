import { describe, expect, it } from 'vitest'
import { createFrameDecoder } from '../../../src/codecs/wire/frameDecoder.js'
import { createServePool } from '../../../src/streams/disk/servePool.js'

const KIB = 1024

describe('createServePool', () => {
  it('makes one buffer of piece messages around the blocks', () => {
    const { bytes, blocks } = createServePool().take(7, 32 * KIB, 40 * KIB, 16 * KIB)
    expect(blocks.map(({ length }) => length)).toEqual([16 * KIB, 16 * KIB, 8 * KIB])
    blocks.forEach((block, index) => block.fill(index + 1))
    const { messages, error } = createFrameDecoder().write(bytes)
    expect(error).toBeUndefined()
    expect(messages).toEqual(
      [1, 2, 3].map((fill) => ({
        _tag: 'Piece',
        piece: 7,
        begin: (31 + fill) * KIB + (fill - 1) * 15 * KIB,
        payload: new Uint8Array(fill === 3 ? 8 * KIB : 16 * KIB).fill(fill),
      })),
    )
  })

  it('uses again what came back, and nothing that did not', () => {
    const pool = createServePool()
    const first = pool.take(0, 0, 256 * KIB, 16 * KIB)
    const second = pool.take(0, 0, 256 * KIB, 16 * KIB)
    expect(second.bytes.buffer).not.toBe(first.bytes.buffer)
    pool.giveBack(first)
    const third = pool.take(9, 0, 128 * KIB, 16 * KIB)
    expect(third.bytes.buffer).toBe(first.bytes.buffer)
    expect(third.bytes).toHaveLength(128 * KIB + 8 * 13)
    pool.giveBack(third)
    expect(pool.take(0, 0, 256 * KIB, 16 * KIB).bytes).toHaveLength(256 * KIB + 16 * 13)
  })

  it('keeps no more than it may, nor what is of another size', () => {
    const pool = createServePool()
    const many = Array.from({ length: 40 }, () => pool.take(0, 0, 256 * KIB, 16 * KIB))
    for (const frames of many) pool.giveBack(frames)
    const again = new Set(many.map(({ bytes }) => bytes.buffer))
    const taken = Array.from({ length: 40 }, () => pool.take(0, 0, 256 * KIB, 16 * KIB))
    expect(taken.filter(({ bytes }) => again.has(bytes.buffer))).toHaveLength(16)

    const small = pool.take(0, 0, 16 * KIB, 16 * KIB)
    const large = pool.take(0, 0, 300 * KIB, 128 * KIB)
    pool.giveBack(small)
    pool.giveBack(large)
    expect(pool.take(0, 0, 16 * KIB, 16 * KIB).bytes.buffer).not.toBe(small.bytes.buffer)
    expect(pool.take(0, 0, 300 * KIB, 128 * KIB).bytes.buffer).not.toBe(large.bytes.buffer)
  })
})
