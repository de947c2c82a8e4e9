import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { createTimer, createTimerHeap, type Timer } from '../../../src/streams/virtual/timerHeap.js'

const timerAt = (due: number): Timer => {
  const timer = createTimer(() => undefined)
  timer.due = due
  return timer
}

describe('createTimerHeap', () => {
  test.prop([
    fc.array(fc.record({ due: fc.nat(20), removed: fc.boolean(), moved: fc.option(fc.nat(20)) }), {
      maxLength: 200,
    }),
  ])('gives timers by time, and equal times by arrival, whatever was removed and moved', (plan) => {
    const heap = createTimerHeap()
    const timers = plan.map(({ due }) => timerAt(due))
    for (const timer of timers) heap.add(timer)
    let expected = [...timers]
    plan.forEach(({ removed, moved }, i) => {
      const timer = timers[i]!
      if (!removed && moved === null) return
      heap.remove(timer)
      heap.remove(timer)
      expected = expected.filter((other) => other !== timer)
      if (removed || moved === null) return
      timer.due = moved
      heap.add(timer)
      expected.push(timer)
    })
    expect(heap.size()).toBe(expected.length)
    const order = expected.toSorted((a, b) => a.due - b.due)
    const popped: Timer[] = []
    for (let timer = heap.peek(); timer !== undefined; timer = heap.peek()) {
      popped.push(timer)
      heap.remove(timer)
    }
    expect(popped.map((timer) => timers.indexOf(timer))).toEqual(order.map((timer) => timers.indexOf(timer)))
  })

  it('moves a timer that is added again behind its equals', () => {
    const heap = createTimerHeap()
    const [first, second] = [timerAt(1), timerAt(1)]
    heap.add(first)
    heap.add(second)
    heap.add(first)
    expect(heap.size()).toBe(2)
    expect(heap.peek()).toBe(second)
  })
})
