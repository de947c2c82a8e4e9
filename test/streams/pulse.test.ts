import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { sharedPulse } from '../../src/streams/pulse.js'
import { createVirtualClock } from '../../src/streams/virtual/clock.js'

const BEAT_MS = 250

/** A clock that counts its turns; what is due at once comes after `lateMs`, as in a loop with other things to do. */
const countingClock = (lateMs = 0) => {
  const clock = createVirtualClock()
  let turn = 0
  const late = (delay = 0): number => (delay === 0 ? lateMs : delay)
  const schedule: SchedulerLike['schedule'] = <T>(
    work: (this: SchedulerAction<T>, state: T) => void,
    delay?: number,
    state?: T,
  ): Subscription =>
    clock.schedule<T>(
      function (now) {
        turn++
        const action = Object.create(this) as SchedulerAction<T>
        action.schedule = (next, nextDelay) => this.schedule(next, late(nextDelay))
        work.call(action, now as T)
      },
      late(delay),
      state,
    )
  return { clock, scheduler: { now: () => clock.now(), schedule }, turn: () => turn }
}

describe('the pulse of many sessions', () => {
  it('reaches all with each beat, eight of them in a turn of the loop', () => {
    const { clock, scheduler, turn } = countingClock()
    const { fast$ } = sharedPulse(scheduler)
    const turns: number[][] = Array.from({ length: 20 }, () => [])
    const subscriptions = new Subscription()
    for (const heard of turns) {
      subscriptions.add(fast$.subscribe({ next: () => heard.push(turn()), error: expect.unreachable }))
    }
    expect(clock.pending()).toBe(1)
    clock.advanceBy(BEAT_MS - 1)
    expect(turns.flat()).toEqual([])
    clock.advanceBy(1)
    const first = turns.flatMap(([at = 0]) => at)
    expect(first.map((at) => at - first[0]!)).toEqual([
      ...Array<number>(8).fill(0),
      ...Array<number>(8).fill(1),
      ...Array<number>(4).fill(2),
    ])
    clock.advanceBy(3 * BEAT_MS)
    expect(turns.map(({ length }) => length)).toEqual(Array<number>(20).fill(4))
    subscriptions.unsubscribe()
    expect(clock.pending()).toBe(0)
  })

  it('does not reach who left before his turn, nor who came after the beat', () => {
    const { clock, scheduler } = countingClock()
    const { fast$ } = sharedPulse(scheduler)
    const heard: string[] = []
    const listen = (name: string): Subscription =>
      fast$.subscribe({ next: () => heard.push(name), error: expect.unreachable })
    let last = Subscription.EMPTY
    fast$.subscribe({
      next: () => {
        last.unsubscribe()
        if (heard.length === 0) listen('late')
      },
      error: expect.unreachable,
    })
    for (let i = 0; i < 8; i++) listen(String(i))
    last = listen('last')
    clock.advanceBy(BEAT_MS)
    expect(heard).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
    clock.advanceBy(BEAT_MS)
    expect(heard.slice(8)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', 'late'])
  })

  it('takes a hundred turns at most', () => {
    const { clock, scheduler, turn } = countingClock()
    const { fast$ } = sharedPulse(scheduler)
    for (let i = 0; i < 1_001; i++) fast$.subscribe({ error: expect.unreachable })
    clock.advanceBy(BEAT_MS)
    expect(turn()).toBe(91)
  })

  it('is one timer for those that sleep too', () => {
    const { clock, scheduler } = countingClock()
    const { fast$, slow$ } = sharedPulse(scheduler)
    for (const each$ of [slow$, fast$, slow$]) each$.subscribe({ error: expect.unreachable })
    expect(clock.pending()).toBe(1)
  })

  it('forgets who has left', () => {
    const { clock, scheduler, turn } = countingClock()
    const { fast$ } = sharedPulse(scheduler)
    fast$.subscribe({ error: expect.unreachable })
    clock.advanceBy(BEAT_MS)
    const alone = turn()
    for (let i = 0; i < 100; i++) fast$.subscribe({ error: expect.unreachable }).unsubscribe()
    clock.advanceBy(BEAT_MS)
    expect(turn() - alone).toBe(alone)
  })

  it('leaves out a beat that comes before the last one has reached all', () => {
    const { clock, scheduler } = countingClock(100)
    const { fast$ } = sharedPulse(scheduler)
    const counts = Array.from({ length: 32 }, () => 0)
    counts.forEach((_, i) => fast$.subscribe({ next: () => counts[i]!++, error: expect.unreachable }))
    // the last of four turns is 300 ms late
    clock.advanceTo(2 * BEAT_MS)
    expect(counts).toEqual([...Array<number>(24).fill(1), ...Array<number>(8).fill(0)])
    clock.advanceTo(3 * BEAT_MS - 1)
    expect(counts).toEqual(Array<number>(32).fill(1))
    clock.advanceTo(3 * BEAT_MS)
    expect(counts).toEqual([...Array<number>(8).fill(2), ...Array<number>(24).fill(1)])
  })

  it('wakes those that sleep in groups, each of them every eight seconds', () => {
    const { clock, scheduler } = countingClock()
    const { slow$ } = sharedPulse(scheduler)
    const at: number[] = []
    for (let i = 0; i < 64; i++)
      slow$.subscribe({ next: () => at.push(clock.now()), error: expect.unreachable })
    clock.advanceBy(8_000)
    expect(at).toEqual(Array.from({ length: 64 }, (_, i) => BEAT_MS * (1 + Math.floor(i / 2))))
    clock.advanceBy(8_000)
    expect(at).toHaveLength(128)
  })
})
