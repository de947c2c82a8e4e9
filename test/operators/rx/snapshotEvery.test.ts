import { BehaviorSubject, EMPTY, NEVER, Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { snapshotEvery } from '../../../src/operators/rx/snapshotEvery.js'
import { marbles } from '../../support/marbles.js'

/** Lower case turns are ordinary, upper case ones urgent; the snapshot of a turn has the turn's letter. */
const isUrgent = (turn: string): boolean => turn === turn.toUpperCase()
const same = (turn: string): string => turn

describe('snapshotEvery', () => {
  const cases = [
    // title, source, tick, expected, source subscription, tick subscription
    ['never', '-', '--t--t', '-', '^', '^'],
    ['empty', '|', '--t', '|', '(^!)', '(^!)'],
    ['first turn at once', '-a---', '-----', '-a---', '^', '^'],
    ['nothing twice', '-a--------|', '--t--t--t-', '-a--------|', '^---------!', '^---------!'],
    ['ordinary turns on the tick', '-abc-d---|', '----t--t--', '-a--c--d-|', '^--------!', '^--------!'],
    ['urgent turns at once', '-abCd---|', '-----t---', '-a-C-d--|', '^-------!', '^-------!'],
    ['no tick after an urgent turn', '-aB----|', '----t---', '-aB----|', '^------!', '^------!'],
    ['what is left on completion', '-ab---|', '--------', '-a----(b|)', '^-----!', '^-----!'],
    ['error of the source', '-ab-#', '-------', '-a--#', '^---!', '^---!'],
    ['error of the tick', '-ab----', '----#--', '-a--#--', '^---!', '^---!'],
    ['completed tick', '-ab-C-d-|', '---|', '-a--C---(d|)', '^-------!', '^--!'],
  ] as const
  it.each(cases)('%s', (_, source, tick, expected, sourceSubscription, tickSubscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source)
      const tick$ = cold(tick)
      expectObservable(source$.pipe(snapshotEvery(tick$, same, isUrgent))).toBe(expected)
      expectSubscriptions(source$.subscriptions).toBe(sourceSubscription)
      expectSubscriptions(tick$.subscriptions).toBe(tickSubscription)
    })
  })

  it('unsubscribes from both when it is disposed of, without a snapshot', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot('-ab-c-|')
      const tick$ = hot('  -----t-')
      expectObservable(source$.pipe(snapshotEvery(tick$, same, isUrgent)), '---!').toBe('-a--')
      expectSubscriptions(source$.subscriptions).toBe('^--!')
      expectSubscriptions(tick$.subscriptions).toBe('^--!')
    })
  })

  it('errors with what takeSnapshot throws', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-ab---|')
      const tick$ = cold('  ---t---')
      const broken = (turn: string): string => {
        if (turn === 'b') throw new Error('broken')
        return turn
      }
      expectObservable(source$.pipe(snapshotEvery(tick$, broken))).toBe(
        '-a-#',
        undefined,
        new Error('broken'),
      )
      expectSubscriptions(source$.subscriptions).toBe('^--!')
      expectSubscriptions(tick$.subscriptions).toBe('^--!')
    })
  })

  it('errors with what isUrgent throws', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('-ab---|')
      const result$ = source$.pipe(
        snapshotEvery(NEVER, same, () => {
          throw new Error('broken')
        }),
      )
      expectObservable(result$).toBe('-a#', undefined, new Error('broken'))
      expectSubscriptions(source$.subscriptions).toBe('^-!')
    })
  })

  it('sees the model as it is when the snapshot is taken', () => {
    const model = { count: 0 }
    const turn$ = new Subject<{ count: number }>()
    const tick$ = new Subject<void>()
    const seen: number[] = []
    turn$.pipe(snapshotEvery(tick$, ({ count }) => count)).subscribe({
      next: (count) => {
        seen.push(count)
      },
      error: expect.unreachable,
    })
    for (let i = 0; i < 5; i++) {
      model.count++
      turn$.next(model)
    }
    tick$.next()
    tick$.next()
    expect(seen).toEqual([1, 5])
  })

  it('keeps a turn that a snapshot causes for the next tick', () => {
    const turn$ = new Subject<string>()
    const tick$ = new Subject<void>()
    const seen: string[] = []
    turn$.pipe(snapshotEvery(tick$, same)).subscribe({
      next: (turn) => {
        seen.push(turn)
        if (turn === 'a') turn$.next('b')
      },
      error: expect.unreachable,
    })
    turn$.next('a')
    expect(seen).toEqual(['a'])
    tick$.next()
    expect(seen).toEqual(['a', 'b'])
  })

  it('subscribes the tick first, and does without it', () => {
    const order: string[] = []
    const tick$ = new BehaviorSubject('tick')
    tick$.subscribe({ error: expect.unreachable })
    new BehaviorSubject('turn').pipe(snapshotEvery(tick$, same)).subscribe({
      next: (turn) => {
        order.push(turn)
      },
      error: expect.unreachable,
    })
    expect(order).toEqual(['turn'])
    EMPTY.pipe(snapshotEvery(EMPTY, same)).subscribe({
      error: expect.unreachable,
      complete: () => {
        order.push('end')
      },
    })
    expect(order).toEqual(['turn', 'end'])
  })
})
