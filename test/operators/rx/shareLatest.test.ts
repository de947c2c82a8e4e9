import { Subject, take } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { shareLatest } from '../../../src/operators/rx/shareLatest.js'
import { marbles } from '../../support/marbles.js'

describe('shareLatest', () => {
  const alone = [
    ['never', '-', '-', '^'],
    ['never-ending', '--a-b--', '--a-b--', '^'],
    ['empty', '|', '|', '(^!)'],
    ['single value', '--a--|', '--a--|', '^----!'],
    ['many values', '-a-(bc)-d-|', '-a-(bc)-d-|', '^---------!'],
    ['error', '-a-b-#', '-a-b-#', '^----!'],
  ] as const
  it.each(alone)('passes %s', (_, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source)
      expectObservable(source$.pipe(shareLatest())).toBe(expected)
      expectSubscriptions(source$.subscriptions).toBe(subscription)
    })
  })

  it('gives a late subscriber the latest value and shares one subscription', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('                 -a-b---c-|')
      const shared$ = source$.pipe(shareLatest())
      expectObservable(shared$, '            ^---------').toBe('-a-b---c-|')
      expectObservable(shared$, '            -----^----').toBe('-----b-c-|')
      expectSubscriptions(source$.subscriptions).toBe('^--------!')
    })
  })

  it('unsubscribes with the last subscriber and starts afresh with the next', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('        -a-b-c-d-|')
      const shared$ = source$.pipe(shareLatest())
      expectObservable(shared$, '   ^---!     ').toBe('-a-b-')
      expectObservable(shared$, '   --^--!    ').toBe('--ab--')
      expectObservable(shared$, '   -------^----!').toBe('--------a-b--')
      expectSubscriptions(source$.subscriptions).toBe(['^----!', '-------^----!'])
    })
  })

  it('gives the last value and the completion after the completion', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('        -a-b-|')
      const shared$ = source$.pipe(shareLatest())
      expectObservable(shared$, '   ^').toBe('-a-b-|')
      expectObservable(shared$, '   --------^').toBe('--------(b|)')
      expectObservable(shared$, '   ----------^').toBe('----------(b|)')
      expectSubscriptions(source$.subscriptions).toBe('^----!')
    })
  })

  it('gives an error to its subscribers and starts afresh with the next', () => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold('        -a-#')
      const shared$ = source$.pipe(shareLatest())
      expectObservable(shared$, '   ^').toBe('-a-#')
      expectObservable(shared$, '   --^').toBe('--a#')
      expectObservable(shared$, '   ------^').toBe('-------a-#')
      expectSubscriptions(source$.subscriptions).toBe(['^--!', '------^--!'])
    })
  })

  it('replays synchronously', () => {
    const source$ = new Subject<number>()
    const shared$ = source$.pipe(shareLatest())
    const keep = shared$.subscribe({ error: expect.unreachable })
    source$.next(7)
    const seen: number[] = []
    shared$.pipe(take(1)).subscribe({
      next: (n) => {
        seen.push(n)
      },
      error: expect.unreachable,
    })
    expect(seen).toEqual([7])
    keep.unsubscribe()
    expect(source$.observed).toBe(false)
  })
})
