import {
  concatMap,
  debounceTime,
  delay,
  interval,
  NEVER,
  observeOn,
  of,
  range,
  type SchedulerAction,
  take,
  timeout,
  timer,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'

const record = (): { seen: unknown[]; observer: (name: string) => object } => {
  const seen: unknown[] = []
  return {
    seen,
    observer: (name) => ({
      next: (value: unknown) => seen.push([name, value]),
      error: (error: unknown) => seen.push([name, error instanceof Error ? error.name : error]),
      complete: () => seen.push([name, 'end']),
    }),
  }
}

describe('createVirtualClock', () => {
  it('stands still until it is told to go on', () => {
    const clock = createVirtualClock(500)
    const seen: number[] = []
    clock.schedule(() => seen.push(clock.now()), 10)
    expect(clock.now()).toBe(500)
    expect(seen).toEqual([])
    clock.advanceBy(9)
    expect(seen).toEqual([])
    clock.advanceBy(1)
    expect(seen).toEqual([510])
    clock.advanceTo(100)
    expect(clock.now()).toBe(510)
  })

  it('runs by time, and equal times in the order of scheduling', () => {
    const clock = createVirtualClock()
    const seen: string[] = []
    const at = (ms: number | undefined, name: string): void => {
      clock.schedule(() => seen.push(name), ms)
    }
    at(5, 'e')
    at(1, 'b')
    at(5, 'f')
    at(undefined, 'a1')
    at(-3, 'a2')
    at(Number.NaN, 'a3')
    at(1, 'c')
    clock.advanceBy(10)
    expect(seen).toEqual(['a1', 'a2', 'a3', 'b', 'c', 'e', 'f'])
    expect(clock.now()).toBe(10)
  })

  it('runs work that work schedules, in the same advance where it is due', () => {
    const clock = createVirtualClock()
    const seen: number[] = []
    clock.schedule(() => {
      seen.push(1)
      clock.schedule(() => seen.push(2), 0)
      clock.schedule(() => seen.push(3), 10)
    }, 5)
    clock.advanceTo(5)
    expect(seen).toEqual([1, 2])
    clock.advanceTo(15)
    expect(seen).toEqual([1, 2, 3])
  })

  it('hands the state on, and reschedules an action in place', () => {
    const clock = createVirtualClock()
    const seen: number[][] = []
    const subscription = clock.schedule<number>(
      function (this: SchedulerAction<number>, state) {
        seen.push([clock.now(), state])
        if (state < 3) this.schedule(state + 1, 10)
      },
      1,
      1,
    )
    expect(clock.pending()).toBe(1)
    clock.advanceBy(100)
    expect(seen).toEqual([
      [1, 1],
      [11, 2],
      [21, 3],
    ])
    subscription.unsubscribe()
    expect(clock.pending()).toBe(0)
  })

  it('forgets unsubscribed work at once', () => {
    const clock = createVirtualClock()
    const subscription = clock.schedule(expect.unreachable, 10)
    subscription.unsubscribe()
    expect(clock.pending()).toBe(0)
    clock.schedule(function (this: SchedulerAction<unknown>) {
      this.unsubscribe()
      this.schedule(undefined, 1)
    })
    clock.advanceBy(20)
    expect(clock.pending()).toBe(0)
  })

  it('drives the operators of RxJS', () => {
    const clock = createVirtualClock()
    const { seen, observer } = record()
    interval(10, clock).pipe(take(2)).subscribe(observer('interval'))
    timer(5, 10, clock).pipe(take(2)).subscribe(observer('timer'))
    of('x').pipe(delay(12, clock)).subscribe(observer('delay'))
    NEVER.pipe(timeout({ each: 17, scheduler: clock })).subscribe(observer('timeout'))
    of('y').pipe(debounceTime(18, clock)).subscribe(observer('debounce'))
    range(0, 2).pipe(observeOn(clock)).subscribe(observer('observeOn'))
    of(1)
      .pipe(concatMap(() => timer(25, clock)))
      .subscribe(observer('concat'))
    clock.run()
    expect(seen).toEqual([
      ['debounce', 'y'],
      ['debounce', 'end'],
      ['observeOn', 0],
      ['observeOn', 1],
      ['observeOn', 'end'],
      ['timer', 0],
      ['interval', 0],
      ['delay', 'x'],
      ['delay', 'end'],
      ['timer', 1],
      ['timer', 'end'],
      ['timeout', 'TimeoutError'],
      ['interval', 1],
      ['interval', 'end'],
      ['concat', 0],
      ['concat', 'end'],
    ])
    expect(clock.now()).toBe(25)
    expect(clock.pending()).toBe(0)
  })

  it('leaves nothing behind when operators are unsubscribed', () => {
    const clock = createVirtualClock()
    const subscriptions = [
      interval(10, clock).subscribe({ error: expect.unreachable }),
      timer(1_000, clock).subscribe({ error: expect.unreachable }),
      NEVER.pipe(timeout({ each: 17, scheduler: clock })).subscribe({ error: expect.unreachable }),
    ]
    clock.advanceBy(15)
    for (const subscription of subscriptions) subscription.unsubscribe()
    expect(clock.pending()).toBe(0)
  })

  describe('run', () => {
    it('stops as soon as it is done', () => {
      const clock = createVirtualClock()
      let count = 0
      interval(10, clock).subscribe({
        next: () => {
          count++
        },
        error: expect.unreachable,
      })
      expect(clock.run(() => count === 3)).toBe(true)
      expect(clock.now()).toBe(30)
      expect(clock.run(() => count === 3)).toBe(true)
      expect(clock.now()).toBe(30)
    })

    it('gives up when nothing waits, and at the limit', () => {
      const clock = createVirtualClock()
      expect(clock.run()).toBe(true)
      expect(clock.run(() => false)).toBe(false)
      interval(10, clock).subscribe({ error: expect.unreachable })
      expect(clock.run(undefined, 95)).toBe(false)
      expect(clock.run(() => false, 95)).toBe(false)
      expect(clock.now()).toBeLessThanOrEqual(190)
    })
  })

  it('lets out what work throws, and goes on afterwards', () => {
    const clock = createVirtualClock()
    const seen: number[] = []
    clock.schedule(() => {
      throw new Error('broken')
    }, 1)
    clock.schedule(() => seen.push(clock.now()), 2)
    expect(() => {
      clock.advanceBy(5)
    }).toThrow('broken')
    clock.advanceBy(5)
    expect(seen).toEqual([2])
  })

  it('carries 100 000 timers', () => {
    const clock = createVirtualClock()
    let last = 0
    let inOrder = true
    let ran = 0
    for (let i = 0; i < 100_000; i++) {
      const subscription = clock.schedule(
        () => {
          inOrder &&= clock.now() >= last
          last = clock.now()
          ran++
        },
        (i * 7_919) % 100_003,
      )
      if (i % 4 === 0) subscription.unsubscribe()
    }
    expect(clock.pending()).toBe(75_000)
    const started = performance.now()
    clock.run(undefined, 1e6)
    expect(performance.now() - started).toBeLessThan(5_000)
    expect([ran, inOrder]).toEqual([75_000, true])
  })
})
