import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createByteQueue } from '../../../src/streams/virtual/byteQueue.js'

describe('createByteQueue', () => {
  test.prop([
    fc.array(
      fc.oneof(
        fc.record({ push: fc.uint8Array({ maxLength: 40 }) }),
        fc.record({ take: fc.nat(60) }),
        fc.constant({ clear: true as const }),
      ),
      { maxLength: 300 },
    ),
  ])('gives the bytes in order, however they were cut', (steps) => {
    const queue = createByteQueue()
    let model: number[] = []
    for (const step of steps) {
      if ('push' in step) {
        queue.push(step.push)
        model.push(...step.push)
      } else if ('take' in step) {
        expect([...queue.take(step.take)]).toEqual(model.splice(0, step.take))
      } else {
        queue.clear()
        model = []
      }
      expect(queue.size()).toBe(model.length)
    }
  })

  it('gives copies', () => {
    const queue = createByteQueue()
    const bytes = Uint8Array.of(1, 2, 3)
    queue.push(bytes)
    const taken = queue.take(2)
    bytes.fill(9)
    expect([...taken]).toEqual([1, 2])
    expect([...queue.take(1)]).toEqual([9])
  })

  it('lets go of many small buffers', () => {
    const queue = createByteQueue()
    for (let i = 0; i < 1_000; i++) queue.push(Uint8Array.of(i % 251))
    for (let i = 0; i < 1_000; i++) expect(queue.take(1)[0]).toBe(i % 251)
    expect(queue.take(1)).toHaveLength(0)
  })
})
