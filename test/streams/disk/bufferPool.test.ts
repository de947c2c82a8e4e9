import { describe, expect, it } from 'vitest'
import { createBufferPool } from '../../../src/streams/disk/bufferPool.js'

describe('bufferPool', () => {
  it('gives memory of one length that came back to who asks for that length next', () => {
    const pool = createBufferPool()
    pool.join()
    const [one, other] = [pool.take(8), pool.take(16)]
    pool.giveBack(one)
    pool.giveBack(other)
    expect(pool.take(16)).toBe(other)
    expect(pool.take(8)).toBe(one)
    expect(pool.take(8)).not.toBe(one)
  })

  it('keeps no more than it may', () => {
    const pool = createBufferPool(20)
    pool.join()
    const [one, two, three] = [pool.take(8), pool.take(8), pool.take(8)]
    for (const bytes of [one, two, three]) pool.giveBack(bytes)
    expect(pool.take(8)).toBe(two)
    expect(pool.take(8)).toBe(one)
    expect([one, two, three]).not.toContain(pool.take(8))
    // What was taken makes room again.
    pool.giveBack(three)
    expect(pool.take(8)).toBe(three)
  })

  it('lets go of what has another length for what comes back', () => {
    const pool = createBufferPool(20)
    pool.join()
    const [old, older, fresh] = [pool.take(8), pool.take(8), pool.take(16)]
    for (const bytes of [old, older, fresh]) pool.giveBack(bytes)
    expect(pool.take(16)).toBe(fresh)
    expect([old, older]).not.toContain(pool.take(8))
  })

  it('keeps nothing once the last one has left, who may leave more than once', () => {
    const pool = createBufferPool()
    const leave = [pool.join(), pool.join()]
    const bytes = pool.take(8)
    pool.giveBack(bytes)
    leave[0]!()
    leave[0]!()
    expect(pool.take(8)).toBe(bytes)
    pool.giveBack(bytes)
    leave[1]!()
    expect(pool.take(8)).not.toBe(bytes)
    pool.giveBack(bytes)
    expect(pool.take(8), 'nor what comes back later').not.toBe(bytes)
  })
})
