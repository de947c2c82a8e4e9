import { describe, expect, it } from 'vitest'
import { inTurns } from '../../../src/operators/rx/inTurns.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'

const listen = (count: number, size: number) => {
  const clock = createVirtualClock()
  const seen: Array<number | '|'> = []
  const values = Array.from({ length: count }, (_, i) => i)
  const subscription = inTurns(values, size, clock).subscribe({
    next: (value) => seen.push(value),
    error: expect.unreachable,
    complete: () => seen.push('|'),
  })
  return { clock, seen, subscription }
}

describe('inTurns', () => {
  it('emits the first of them at once', () => {
    expect(listen(5, 2).seen).toEqual([0, 1])
  })

  it('lets others have their turn before each of the next', () => {
    const { clock, seen } = listen(5, 2)
    const between: number[] = []
    const other = (): void => {
      between.push(seen.length)
      if (between.length < 3) clock.schedule(other, 0)
    }
    clock.schedule(other, 0)
    clock.advanceBy(0)
    expect(seen).toEqual([0, 1, 2, 3, 4, '|'])
    expect(between).toEqual([4, 6, 6])
  })

  it('completes with the last of them', () => {
    expect(listen(0, 2).seen).toEqual(['|'])
    const few = listen(2, 2)
    expect(few.seen).toEqual([0, 1, '|'])
    expect(few.clock.pending()).toBe(0)
  })

  it('emits nothing more once nobody listens', () => {
    const { clock, seen, subscription } = listen(5, 2)
    subscription.unsubscribe()
    expect(clock.pending()).toBe(0)
    clock.advanceBy(0)
    expect(seen).toEqual([0, 1])
  })
})
