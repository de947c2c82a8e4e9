import { asyncScheduler } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { after } from '../../../src/operators/rx/after.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'
import { marbles } from '../../support/marbles.js'

const DAY_MS = 24 * 60 * 60_000

describe('after', () => {
  it.each([
    [5, '-----(0|)'],
    [0, '(0|)'],
    [-3, '(0|)'],
    [Infinity, '-'],
  ])('%d ms', (ms, expected) => {
    marbles(({ expectObservable }) => {
      expectObservable(after(ms, asyncScheduler), '^---------!').toBe(expected, { 0: 0 })
    })
  })

  it('takes months, which are more than a timer holds', () => {
    const clock = createVirtualClock()
    const delays: number[] = []
    const watched = {
      now: () => clock.now(),
      schedule: (...[work, delay, state]: Parameters<typeof clock.schedule>) => {
        delays.push(delay ?? 0)
        return clock.schedule(work, delay, state)
      },
    } as typeof clock
    const at: number[] = []
    after(90.5 * DAY_MS, watched).subscribe({ next: () => at.push(clock.now()), error: expect.unreachable })
    clock.advanceBy(100 * DAY_MS)
    expect(at).toEqual([90.5 * DAY_MS])
    expect(Math.max(...delays)).toBeLessThan(2 ** 31)
  })

  it('is off when nobody listens any more', () => {
    const clock = createVirtualClock()
    const subscription = after(3 * DAY_MS, clock).subscribe({ error: expect.unreachable })
    clock.advanceBy(2 * DAY_MS)
    subscription.unsubscribe()
    expect(clock.pending()).toBe(0)
  })
})
