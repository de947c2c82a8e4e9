import { BehaviorSubject, NEVER, of, Subject, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { fairLimits, type ShareCommand, type SharingSession } from '../../../src/operators/rate/fairLimits.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { createVirtualClock } from '../../../src/streams/virtual/clock.js'

type Seen = Pick<SessionState, 'totals' | 'limits'>

const seen = (downloaded: number, isDownHeld: boolean): Seen => ({
  totals: { downloaded, uploaded: 0, wireDown: 0, wireUp: 0, wasted: 0, corrupt: 0 },
  limits: { down: Infinity, up: Infinity, isDownHeld, isUpHeld: false },
})

const watch = (
  sessions$: Parameters<typeof fairLimits>[0],
  total: Parameters<typeof fairLimits>[1],
): {
  readonly clock: ReturnType<typeof createVirtualClock>
  readonly told: ShareCommand[]
  readonly downOf: (id: string) => number | undefined
  readonly end: () => void
} => {
  const clock = createVirtualClock()
  const told: ShareCommand[] = []
  const running = fairLimits(sessions$, total, clock).subscribe({
    next: (command) => told.push(command),
    error: expect.unreachable,
  })
  return {
    clock,
    told,
    downOf: (wanted) => {
      const last = told.filter(({ id }) => id === wanted).at(-1)?.command
      return last?._tag === 'SetLimits' ? last.down : undefined
    },
    end: () => {
      running.unsubscribe()
    },
  }
}

const session = (id: string, state$: SharingSession['state$'] = NEVER): SharingSession => ({ id, state$ })

describe('fairLimits', () => {
  it('says nothing where there is no limit', () => {
    const { told, clock, end } = watch(of([session('a')]), {})
    clock.advanceBy(10_000)
    expect(told).toEqual([])
    end()
    expect(clock.pending()).toBe(0)
  })

  it('divides a total at once, for the client alone', () => {
    const { told, end } = watch(of([session('a'), session('b')]), { down: 1_000, up: of(500) })
    expect(told).toEqual([
      { id: 'a', command: { _tag: 'SetLimits', scope: 'client', down: 500, up: 250 } },
      { id: 'b', command: { _tag: 'SetLimits', scope: 'client', down: 500, up: 250 } },
    ])
    end()
  })

  it('gives to who has to wait, from who is idle, within a second, and back', () => {
    const a$ = new BehaviorSubject(seen(0, false))
    const { clock, downOf, end } = watch(of([session('a', a$), session('b')]), { down: 100_000 })
    a$.next(seen(50_000, true))
    clock.advanceBy(1_000)
    expect(downOf('a')).toBe(99_000)
    expect(downOf('b')).toBe(1_000)
    a$.next(seen(50_000, false))
    clock.advanceBy(8_000)
    expect(downOf('a')).toBe(50_000)
    expect(downOf('b')).toBe(50_000)
    end()
  })

  it('lowers before it raises, so that together they never have more than the total', () => {
    const a$ = new BehaviorSubject(seen(0, false))
    const b$ = new BehaviorSubject(seen(0, false))
    const { clock, told, end } = watch(of([session('a', a$), session('b', b$)]), { down: 100_000 })
    for (const isHeld of [true, false, true, false]) {
      a$.next(seen(1_000, isHeld))
      b$.next(seen(1_000, !isHeld))
      clock.advanceBy(5_000)
    }
    const given = new Map<string, number>()
    for (const { id, command } of told.slice(2)) {
      if (command._tag === 'SetLimits') given.set(id, command.down)
      expect((given.get('a') ?? 50_000) + (given.get('b') ?? 50_000)).toBeLessThanOrEqual(100_000)
    }
    expect(told.length).toBeGreaterThan(6)
    end()
  })

  it('follows the total at once, and is quiet while nothing changes', () => {
    const down$ = new Subject<number>()
    const { clock, told, downOf, end } = watch(of([session('a')]), { down: down$ })
    down$.next(1_000)
    expect(downOf('a')).toBe(1_000)
    clock.advanceBy(60_000)
    down$.next(0)
    expect(downOf('a')).toBe(0)
    down$.next(Infinity)
    expect(downOf('a')).toBe(Infinity)
    expect(told).toHaveLength(3)
    end()
  })

  it('takes in newcomers, and leaves who has left or ended', () => {
    const sessions$ = new Subject<ReadonlyArray<SharingSession>>()
    const states = ['a', 'b', 'c'].map((id) => ({ id, state$: new Subject<Seen>() }))
    const [a, b, c] = states as [(typeof states)[0], (typeof states)[0], (typeof states)[0]]
    const { clock, downOf, end } = watch(sessions$, { down: 900 })
    sessions$.next([a])
    expect(downOf('a')).toBe(900)
    sessions$.next([a, b, c])
    expect([downOf('a'), downOf('b'), downOf('c')]).toEqual([300, 300, 300])
    sessions$.next([b, c])
    expect(a.state$.observed).toBe(false)
    expect([downOf('b'), downOf('c')]).toEqual([450, 450])
    b.state$.complete()
    clock.advanceBy(1_000)
    expect(downOf('c')).toBe(900)
    c.state$.error(new Error('a bug'))
    clock.advanceBy(1_000)
    end()
    expect(b.state$.observed || c.state$.observed).toBe(false)
  })

  it('tells the sessions of a total that is none or fails, and keeps the last value', () => {
    const down$ = new Subject<number>()
    const { told, clock, end } = watch(of([session('a')]), {
      down: down$,
      up: throwError(() => new Error('no sensor')),
    })
    down$.next(1_000)
    down$.next(NaN)
    down$.next(-1)
    down$.error('gone')
    clock.advanceBy(5_000)
    expect(told.filter(({ command }) => command._tag === 'ReportFailure')).toHaveLength(4)
    expect(told.filter(({ command }) => command._tag === 'SetLimits')).toHaveLength(1)
    end()
  })
})
