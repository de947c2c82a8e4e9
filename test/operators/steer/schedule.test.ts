import { fc, test } from '@fast-check/vitest'
import { asyncScheduler, NEVER } from 'rxjs'
import { describe, expect, it } from 'vitest'
import {
  schedule,
  type ScheduleWindow,
  weekTimeOf,
  type WeekTime,
} from '../../../src/operators/steer/schedule.js'
import { marbles } from '../../support/marbles.js'

const context = { state$: NEVER, notice$: NEVER, clock: asyncScheduler }
const limits = { down: 500, up: 50 }
const command = (down: number, up: number) => ({ _tag: 'SetLimits', scope: 'session', down, up }) as const
const free = command(Infinity, Infinity)
const slow = command(500, 50)

const saidAt = (windows: ReadonlyArray<ScheduleWindow>, time: WeekTime): unknown => {
  let said: unknown
  schedule({ windows, time: () => time })(context)
    .subscribe({ next: (first) => (said = first), error: expect.unreachable })
    .unsubscribe()
  return said
}

describe('schedule', () => {
  it('says the limits of the time at once, and others when their time comes', () => {
    marbles(({ expectObservable }) => {
      const policy = schedule({
        windows: [{ from: 1, to: 2, limits }],
        // A day of minutes, from midnight on the clock's 0.
        time: () => ({ day: 1, minute: Math.floor(asyncScheduler.now() / 60_000) }),
      })
      expectObservable(policy(context), '^ 5m !').toBe('a 59999ms b 59999ms a', { a: free, b: slow })
    })
  })

  it.each([
    ['inside', { from: 480, to: 1_080 }, { day: 3, minute: 480 }, slow],
    ['at the end', { from: 480, to: 1_080 }, { day: 3, minute: 1_080 }, free],
    ['on another day', { days: [1, 2], from: 480, to: 1_080 }, { day: 3, minute: 500 }, free],
    ['before midnight', { days: [5], from: 1_320, to: 360 }, { day: 5, minute: 1_400 }, slow],
    ['after midnight, of the day before', { days: [6], from: 1_320, to: 360 }, { day: 0, minute: 359 }, slow],
    ['after midnight, of no day before', { days: [0], from: 1_320, to: 360 }, { day: 0, minute: 100 }, free],
    ['all day', { from: 0, to: 1_440 }, { day: 0, minute: 1_439 }, slow],
    ['never', { from: 60, to: 60 }, { day: 0, minute: 60 }, free],
  ])('%s', (_, window, time, expected) => {
    expect(saidAt([{ ...window, limits }], time)).toEqual(expected)
  })

  it('goes by the first window that holds', () => {
    const windows = [
      { from: 0, to: 100, limits: { down: 1, up: 1 } },
      { from: 50, to: 200, limits },
    ]
    expect(saidAt(windows, { day: 0, minute: 70 })).toEqual(command(1, 1))
    expect(saidAt(windows, { day: 0, minute: 100 })).toEqual(slow)
  })

  test.prop([fc.nat(1_439), fc.nat(1_439), fc.nat(6), fc.nat(1_439)])(
    'a window and the one from its end to its begin are never both on, nor both off',
    (from, to, day, minute) => {
      fc.pre(from !== to)
      const isOn = (begin: number, end: number): boolean => {
        const said = saidAt([{ from: begin, to: end, limits }], { day, minute })
        expect([slow, free]).toContainEqual(said)
        return JSON.stringify(said) === JSON.stringify(slow)
      }
      expect(isOn(from, to)).toBe(!isOn(to, from))
    },
  )

  it('reads a date in its own time zone', () => {
    const date = new Date(2024, 1, 29, 13, 37)
    expect(weekTimeOf(date)).toEqual({ day: 4, minute: 13 * 60 + 37 })
  })
})
