import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { createDelayLine } from '../../../src/streams/virtual/delayLine.js'

describe('createDelayLine', () => {
  it('delivers in order, none earlier than the one before it, with one timer', () => {
    const clock = createVirtualClock()
    const seen: string[] = []
    const line = createDelayLine<string>(clock, (item) => seen.push(`${String(clock.now())}${item}`))
    line.push('a', 10)
    line.push('b', 30)
    line.push('c', 20)
    line.push('d', 40)
    expect(clock.pending()).toBe(1)
    clock.run()
    expect(seen).toEqual(['10a', '30b', '30c', '40d'])
    expect(line.isEmpty()).toBe(true)
    line.push('e', 5)
    clock.run()
    expect(seen.at(-1)).toBe('40e')
  })

  it('may be pushed to and cleared from a delivery', () => {
    const clock = createVirtualClock()
    const seen: string[] = []
    const line = createDelayLine<string>(clock, (item) => {
      seen.push(item)
      if (item === 'a') line.push('b', clock.now())
      if (item === 'c') line.clear()
    })
    line.push('a', 1)
    clock.run()
    expect(seen).toEqual(['a', 'b'])
    line.push('c', 2)
    line.push('d', 2)
    clock.run()
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(clock.pending()).toBe(0)
  })

  it('holds what is blocked until it is tried again', () => {
    const clock = createVirtualClock()
    const seen: string[] = []
    let isBlocked = true
    const line = createDelayLine<string>(
      clock,
      (item) => seen.push(item),
      () => isBlocked,
    )
    line.push('a', 10)
    clock.advanceBy(50)
    line.push('b', 20)
    clock.advanceBy(50)
    expect(seen).toEqual([])
    isBlocked = false
    line.retry()
    clock.run()
    expect(seen).toEqual(['a', 'b'])
  })

  it('leaves no timer when it is cleared', () => {
    const clock = createVirtualClock()
    const line = createDelayLine<string>(clock, expect.unreachable)
    line.push('a', 10)
    line.clear()
    expect(clock.pending()).toBe(0)
    line.retry()
    expect(clock.pending()).toBe(0)
  })
})
