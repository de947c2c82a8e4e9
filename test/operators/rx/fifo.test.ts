import { map, range, Subject, take, tap, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { fifo } from '../../../src/operators/rx/fifo.js'
import { marbles } from '../../support/marbles.js'

describe('fifo', () => {
  const transparent = [
    ['never', '-', '-', '^'],
    ['never-ending', '--a-b--', '--a-b--', '^'],
    ['empty', '|', '|', '(^!)'],
    ['single value', '--a--|', '--a--|', '^----!'],
    ['many values', '-a-(bc)-d-|', '-a-(bc)-d-|', '^---------!'],
    ['error', '-a-b-#', '-a-b-#', '^----!'],
    ['error at once', '#', '#', '(^!)'],
  ] as const
  it.each(transparent)('passes %s', (_, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source)
      expectObservable(source$.pipe(fifo())).toBe(expected)
      expectSubscriptions(source$.subscriptions).toBe(subscription)
    })
  })

  it('unsubscribes from the source when it is disposed of', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot('-a-b-c-d-|')
      expectObservable(source$.pipe(fifo()), '----!').toBe('-a-b-')
      expectSubscriptions(source$.subscriptions).toBe('^---!')
    })
  })

  it('turns what a callback downstream throws into an error, and lets go of the source', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot('-a-b-c-|')
      const result$ = source$.pipe(
        fifo(),
        map((value) => {
          if (value === 'b') throw new Error('broken')
          return value
        }),
      )
      expectObservable(result$).toBe('-a-#', undefined, new Error('broken'))
      expectSubscriptions(source$.subscriptions).toBe('^--!')
    })
  })

  const record = (
    react: (n: number, source$: Subject<number>) => void,
  ): { source$: Subject<number>; seen: unknown[] } => {
    const source$ = new Subject<number>()
    const seen: unknown[] = []
    source$.pipe(fifo()).subscribe({
      next: (n) => {
        react(n, source$)
        seen.push(n)
      },
      error: (error: unknown) => {
        seen.push(error)
      },
      complete: () => {
        seen.push('end')
      },
    })
    return { source$, seen }
  }

  it('delivers what comes during a delivery afterwards, in the order of arrival', () => {
    const { source$, seen } = record((n) => {
      if (n < 10) {
        source$.next(n * 10)
        source$.next(n * 10 + 1)
      } else if (n === 10) {
        source$.next(100)
      }
    })
    source$.next(1)
    expect(seen).toEqual([1, 10, 11, 100])
    source$.next(2)
    expect(seen).toEqual([1, 10, 11, 100, 2, 20, 21])
  })

  it('lets the completion wait its turn', () => {
    const { source$, seen } = record((n) => {
      if (n === 1) {
        source$.next(2)
        source$.complete()
      }
    })
    source$.next(1)
    expect(seen).toEqual([1, 2, 'end'])
  })

  it('lets an error wait its turn', () => {
    const { source$, seen } = record((n) => {
      if (n === 1) {
        source$.next(2)
        source$.error('broken')
      }
    })
    source$.next(1)
    expect(seen).toEqual([1, 2, 'broken'])
  })

  it('drops what waits when it is unsubscribed during a delivery', () => {
    const source$ = new Subject<number>()
    const seen: unknown[] = []
    source$
      .pipe(
        fifo(),
        tap((n) => {
          if (n === 1) for (let i = 2; i < 6; i++) source$.next(i)
        }),
        take(3),
      )
      .subscribe({
        next: (n) => {
          seen.push(n)
        },
        error: expect.unreachable,
        complete: () => {
          seen.push('end')
        },
      })
    source$.next(1)
    source$.next(9)
    expect(seen).toEqual([1, 2, 3, 'end'])
    expect(source$.observed).toBe(false)
  })

  it('does not grow the stack: a chain of 1 000 000 values that cause one another', () => {
    const source$ = new Subject<number>()
    let sum = 0
    source$.pipe(fifo()).subscribe({
      next: (n) => {
        sum += n
        if (n > 0) source$.next(n - 1)
      },
      error: expect.unreachable,
    })
    source$.next(1_000_000)
    expect(sum).toBe((1_000_000 * 1_000_001) / 2)
  })

  it('takes a burst of 1 000 000 values during one delivery', () => {
    const source$ = new Subject<number>()
    let last = -1
    let inOrder = true
    source$.pipe(fifo()).subscribe({
      next: (n) => {
        inOrder &&= n === last + 1
        last = n
        if (n === 0) for (let i = 1; i <= 1_000_000; i++) source$.next(i)
      },
      error: expect.unreachable,
    })
    source$.next(0)
    expect(inOrder).toBe(true)
    expect(last).toBe(1_000_000)
  })

  it('passes a synchronous source of 1 000 000 values, and stops one that is no longer wanted', () => {
    let count = 0
    const counted$ = range(0, 1_000_000).pipe(
      tap(() => {
        count++
      }),
    )
    counted$.pipe(fifo()).subscribe({ error: expect.unreachable })
    expect(count).toBe(1_000_000)
    count = 0
    counted$.pipe(fifo(), take(3)).subscribe({ error: expect.unreachable })
    expect(count).toBe(3)
  })

  it('keeps its state per subscription', () => {
    const piped$ = range(0, 3).pipe(fifo())
    const seen: number[] = []
    for (const _ of [0, 1]) {
      piped$.subscribe({
        next: (n) => {
          seen.push(n)
        },
        error: expect.unreachable,
      })
    }
    expect(seen).toEqual([0, 1, 2, 0, 1, 2])
  })

  it('passes an error that comes at once', () => {
    const seen: unknown[] = []
    throwError(() => 'broken')
      .pipe(fifo())
      .subscribe({
        error: (error: unknown) => {
          seen.push(error)
        },
      })
    expect(seen).toEqual(['broken'])
  })
})
