import { createHash } from 'node:crypto'
import { fc, it as check } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createBufferPool } from '../../../src/streams/disk/bufferPool.js'
import { createSlots } from '../../../src/streams/disk/slots.js'

describe('slots', () => {
  it('gather a piece from its blocks, each in its own memory', () => {
    const slots = createSlots(8)
    slots.store(0, 4, Uint8Array.of(5, 6, 7, 8))
    slots.store(1, 0, Uint8Array.of(9, 9))
    slots.store(0, 0, Uint8Array.of(1, 2, 3, 4))
    expect([...slots.view(0, 8)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
    expect([...slots.view(1, 2)]).toEqual([9, 9])
  })

  it('copy: a payload may be overwritten afterwards', () => {
    const slots = createSlots(2)
    const payload = Uint8Array.of(1, 2)
    slots.store(0, 0, payload)
    payload.fill(0xaa)
    expect([...slots.view(0, 2)]).toEqual([1, 2])
  })

  it('take back what was lent out, in whatever buffer it comes, whole although a part was lent', () => {
    const slots = createSlots(8)
    slots.store(0, 0, Uint8Array.of(1, 2, 3))
    const lent = slots.view(0, 3)
    const moved = structuredClone(lent, { transfer: [lent.buffer as ArrayBuffer] })
    slots.giveBack(0, moved)
    expect([...slots.view(0, 3)]).toEqual([1, 2, 3])
    slots.store(0, 4, Uint8Array.of(4, 5, 6, 7))
    expect(slots.view(0, 8)).toHaveLength(8)
  })

  it('make up for memory that was lent out and lost', () => {
    const slots = createSlots(8)
    slots.store(0, 0, Uint8Array.of(1, 2, 3))
    const lent = slots.view(0, 8)
    structuredClone(lent, { transfer: [lent.buffer as ArrayBuffer] })
    slots.store(0, 4, Uint8Array.of(4, 5, 6, 7))
    expect([...slots.view(0, 8)]).toEqual([0, 0, 0, 0, 4, 5, 6, 7])
  })

  it('take nothing back after all memory was let go', () => {
    const slots = createSlots(8, () => createHash('sha1'))
    slots.store(1, 0, Uint8Array.of(1, 2, 3))
    const lent = slots.view(1, 3)
    slots.drop()
    slots.giveBack(1, lent)
    slots.store(0, 0, Uint8Array.of(4, 5))
    expect([...slots.view(0, 2)]).toEqual([4, 5])
    expect([...slots.view(1, 3)]).toEqual([0, 0, 0])
  })

  it('can be used again after all memory was let go', () => {
    const slots = createSlots(2)
    slots.store(3, 0, Uint8Array.of(1, 2))
    const kept = slots.view(3, 2)
    slots.drop()
    slots.store(3, 0, Uint8Array.of(3, 4))
    expect([...slots.view(3, 2)]).toEqual([3, 4])
    expect([...kept]).toEqual([1, 2])
  })
})

describe('slots that share their memory', () => {
  it('leave it to the next one who needs some, once it is released', () => {
    const pool = createBufferPool()
    const [one, other] = [createSlots(4, undefined, pool), createSlots(4, undefined, pool)]
    one.store(0, 0, Uint8Array.of(1, 2))
    other.store(0, 0, Uint8Array.of(3, 4))
    const lent = one.lend(0, 4)
    const memory = lent.buffer
    one.release(0, lent)
    one.release(0, lent)
    other.store(1, 0, Uint8Array.of(5, 6))
    expect(other.view(1, 4).buffer).toBe(memory)
    expect([...other.view(0, 2)]).toEqual([3, 4])
    one.store(0, 0, Uint8Array.of(7, 8))
    expect([...one.view(0, 2)]).toEqual([7, 8])
    expect([...other.view(1, 2)]).toEqual([5, 6])
  })

  it('give nothing to others that is still lent out, or was lost', () => {
    const pool = createBufferPool()
    const slots = createSlots(4, undefined, pool)
    slots.store(0, 0, Uint8Array.of(1, 2))
    const lent = slots.view(0, 4)
    slots.drop()
    pool.join()
    slots.store(0, 0, Uint8Array.of(3, 4))
    expect([...lent]).toEqual([1, 2, 0, 0])
    slots.release(0, lent)
    expect([...slots.view(0, 2)]).toEqual([3, 4])
    const lost = slots.lend(0, 4)
    structuredClone(lost, { transfer: [lost.buffer as ArrayBuffer] })
    slots.release(0, lost)
    expect(pool.take(4)).toHaveLength(4)
  })

  it('are not taken in by an answer that comes late, or twice', () => {
    const pool = createBufferPool()
    const slots = createSlots(4, undefined, pool)
    slots.store(0, 0, Uint8Array.of(1, 2))
    const first = slots.lend(0, 4)
    slots.release(0, first)
    slots.store(0, 0, Uint8Array.of(3, 4))
    slots.release(0, first)
    const second = slots.lend(0, 4)
    slots.release(0, first)
    expect(second.buffer, 'the same memory').toBe(first.buffer)
    expect(pool.take(4).buffer).not.toBe(second.buffer)
    expect([...slots.view(0, 2)]).toEqual([3, 4])
  })
})

describe('the hash that goes along', () => {
  const sha1 = (bytes: Uint8Array): Uint8Array => new Uint8Array(createHash('sha1').update(bytes).digest())
  const start = (): ReturnType<typeof createHash> => createHash('sha1')
  // Long enough to be hashed before the last has come.
  const BLOCK = 64 * 1024
  const BLOCKS = 8

  check.prop(
    [
      fc.array(fc.tuple(fc.nat(255), fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7], { minLength: 1 })), {
        maxLength: 6,
      }),
    ],
    { numRuns: 200 },
  )('is right in whatever order blocks come, and whatever the slot was used for before', (uses) => {
    const slots = createSlots(BLOCK * BLOCKS, start)
    for (const [fill, order] of uses) {
      // A piece that is given up after some of its blocks leaves what it had behind.
      for (const block of order) {
        slots.store(0, block * BLOCK, new Uint8Array(BLOCK).fill(fill ^ block))
      }
      if (order.length < BLOCKS) continue
      const digest = slots.digest(0, BLOCK * BLOCKS)
      expect(new Uint8Array(digest!)).toEqual(sha1(slots.view(0, BLOCK * BLOCKS)))
    }
  })

  it('forgets what came ahead in a piece that was given up', () => {
    const slots = createSlots(BLOCK * BLOCKS, start)
    for (const block of [0, 2, 3, 4, 5]) slots.store(0, block * BLOCK, new Uint8Array(BLOCK).fill(1))
    for (let block = 0; block < BLOCKS; block++) slots.store(0, block * BLOCK, new Uint8Array(BLOCK).fill(2))
    expect(new Uint8Array(slots.digest(0, BLOCK * BLOCKS)!)).toEqual(
      sha1(new Uint8Array(BLOCK * BLOCKS).fill(2)),
    )
  })

  it('catches up with what came ahead, in a large piece too, a little at a time', () => {
    const MIB = 1024 * 1024
    const QUARTER = MIB / 4
    const bytes = new Uint8Array(4 * MIB).map((_, index) => index >>> 13)
    const hashed: number[] = []
    const slots = createSlots(bytes.length, () => {
      const hash = start()
      return {
        update: (part) => {
          hashed.push(part.length)
          hash.update(part)
        },
        digest: () => hash.digest(),
      }
    })
    const put = (quarter: number): void => {
      slots.store(0, quarter * QUARTER, bytes.subarray(quarter * QUARTER, (quarter + 1) * QUARTER))
    }
    for (const quarter of [0, 2, 3, 4, 5, 6, 7, 1, 8, 9, 10, 15, 13, 14, 12, 11]) put(quarter)
    expect(new Uint8Array(slots.digest(0, bytes.length)!)).toEqual(sha1(bytes))
    expect(hashed).toEqual([QUARTER, MIB, MIB, QUARTER, QUARTER, MIB, QUARTER])

    hashed.length = 0
    for (const quarter of [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 1]) put(quarter)
    expect(hashed).toEqual([QUARTER, MIB])
    expect(slots.digest(0, bytes.length), 'more than the loop has time for').toBeUndefined()
  })

  it('takes small blocks together', () => {
    const KIB = 1024
    const updates: number[] = []
    const slots = createSlots(512 * KIB, () => ({
      update: (part) => updates.push(part.length),
      digest: () => new Uint8Array(20),
    }))
    for (let block = 0; block < 30; block++) slots.store(0, block * 16 * KIB, new Uint8Array(16 * KIB))
    slots.digest(0, 480 * KIB)
    expect(updates).toEqual([128 * KIB, 128 * KIB, 128 * KIB, 96 * KIB])
  })

  it('leaves a piece whose first block came late to others, if much of it is left', () => {
    const outOfOrder = (length: number): Uint8Array | undefined => {
      const slots = createSlots(length, start)
      slots.store(0, length / 2, new Uint8Array(length / 2))
      slots.store(0, 0, new Uint8Array(length / 2))
      return slots.digest(0, length)
    }
    expect(outOfOrder(4 * 1024 * 1024)).toBeUndefined()
    expect(outOfOrder(1024 * 1024)).toEqual(Buffer.from(sha1(new Uint8Array(1024 * 1024))))
  })

  it('is not there without a way to start it', () => {
    const slots = createSlots(4)
    slots.store(0, 0, Uint8Array.of(1, 2, 3, 4))
    expect(slots.digest(0, 4)).toBeUndefined()
  })
})
