import { mergeMap } from 'rxjs'
import { describe, it } from 'vitest'
import { failAsEvent } from '../../../src/operators/rx/failAsEvent.js'
import { marbles } from '../../support/marbles.js'

describe('failAsEvent', () => {
  const cases = [
    ['never', '-', '-', '^'],
    ['never-ending', '--a-b--', '--a-b--', '^'],
    ['empty', '|', '|', '(^!)'],
    ['single value', '--a--|', '--a--|', '^----!'],
    ['many values', '-a-(bc)-d-|', '-a-(bc)-d-|', '^---------!'],
    ['error as a last value', '-a-b-#', '-a-b-(x|)', '^----!'],
    ['error at once', '#', '(x|)', '(^!)'],
  ] as const
  it.each(cases)('passes %s', (_, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, undefined, 'x')
      expectObservable(source$.pipe(failAsEvent((error) => error))).toBe(expected)
      expectSubscriptions(source$.subscriptions).toBe(subscription)
    })
  })

  it('unsubscribes from the source when it is disposed of', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot('-a-b-#')
      expectObservable(source$.pipe(failAsEvent(() => 'x')), '----!').toBe('-a-b-')
      expectSubscriptions(source$.subscriptions).toBe('^---!')
    })
  })

  it('errors with what the callback throws', () => {
    marbles(({ cold, expectObservable }) => {
      const result$ = cold('-a-#').pipe(
        failAsEvent(() => {
          throw new Error('broken')
        }),
      )
      expectObservable(result$).toBe('-a-#', undefined, new Error('broken'))
    })
  })

  it('keeps a merge alive', () => {
    marbles(({ cold, hot, expectObservable }) => {
      const inner = { a: cold('-1-#'), b: cold(' -2----3|') }
      const result$ = hot('-a---b|', inner).pipe(mergeMap((inner$) => inner$.pipe(failAsEvent(() => 'x'))))
      expectObservable(result$).toBe('--1-x-2----3|')
    })
  })
})
