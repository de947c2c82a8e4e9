import { of, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { oneAtATime } from '../../../src/streams/disk/oneAtATime.js'

const watch = (
  log: unknown[],
  name: string,
): { next: (value: unknown) => void; error: () => void; complete: () => void } => ({
  next: (value) => log.push(`${name} ${String(value)}`),
  error: () => log.push(`${name} failed`),
  complete: () => log.push(`${name} done`),
})

describe('oneAtATime', () => {
  it('begins each when the one before is over, well or badly', () => {
    const inLine = oneAtATime()
    const log: unknown[] = []
    const [a$, b$] = [new Subject<number>(), new Subject<number>()]
    inLine(a$).subscribe(watch(log, 'a'))
    inLine(b$).subscribe(watch(log, 'b'))
    inLine(of(3)).subscribe(watch(log, 'c'))
    expect([a$.observed, b$.observed]).toEqual([true, false])
    a$.next(1)
    a$.complete()
    expect([a$.observed, b$.observed]).toEqual([false, true])
    b$.error(new Error('b'))
    expect(log).toEqual(['a 1', 'a done', 'b failed', 'c 3', 'c done'])
  })

  it('ends what has begun although nobody listens, and never begins what was left before', () => {
    const inLine = oneAtATime()
    const log: unknown[] = []
    const [a$, b$] = [new Subject<number>(), new Subject<number>()]
    inLine(a$).subscribe(watch(log, 'a')).unsubscribe()
    inLine(b$).subscribe(watch(log, 'b')).unsubscribe()
    inLine(of(3)).subscribe(watch(log, 'c'))
    expect([a$.observed, b$.observed]).toEqual([true, false])
    a$.complete()
    expect(b$.observed).toBe(false)
    expect(log).toEqual(['c 3', 'c done'])
  })

  it('takes any number that answer at once, and those that come of an answer', () => {
    const inLine = oneAtATime()
    let count = 0
    const again = (left: number): void => {
      inLine(of(left)).subscribe({
        next: () => {
          count++
          if (left > 0) again(left - 1)
        },
        error: expect.unreachable,
      })
    }
    again(20_000)
    expect(count).toBe(20_001)
  })
})
