import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { createPacer } from '../../../src/streams/virtual/pacer.js'

describe('createPacer', () => {
  it('puts bookings behind one another, and loses idle time', () => {
    const clock = createVirtualClock()
    const pacer = createPacer(clock, 1_000)
    expect([pacer.book(100), pacer.book(50), pacer.book(0)]).toEqual([100, 150, 150])
    clock.advanceTo(400)
    expect(pacer.book(10)).toBe(410)
  })

  it('is through at once without a bound', () => {
    const clock = createVirtualClock(5)
    expect(createPacer(clock, Infinity).book(1e9)).toBe(5)
  })
})
