import { Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { matchAsEvent } from '../../../src/operators/rx/matchAsEvent.js'
import { marbles } from '../../support/marbles.js'

const broken = (): never => {
  throw new Error('broken')
}

describe('matchAsEvent', () => {
  const answers: Readonly<Record<string, Either<string, string>>> = { l: E.left('l'), r: E.right('r') }
  const matched = matchAsEvent(
    (reason: string) => `left ${reason}`,
    (value: string) => `right ${value}`,
    () => 'thrown',
  )
  const told = { l: 'left l', r: 'right r', x: 'thrown' }

  const cases = [
    ['never', '-', '-', '^'],
    ['an empty source', '|', '|', '(^!)'],
    ['one answer', '--r|', '--r|', '^--!'],
    ['many answers', '-r-(lr)-|', '-r-(lr)-|', '^-------!'],
    ['an error as a last event', '-r-#', '-r-(x|)', '^--!'],
    ['an error at once', '#', '(x|)', '(^!)'],
  ] as const
  it.each(cases)('tells of %s', (_, source, expected, subscription) => {
    marbles(({ cold, expectObservable, expectSubscriptions }) => {
      const source$ = cold(source, answers)
      expectObservable(source$.pipe(matched)).toBe(expected, told)
      expectSubscriptions(source$.subscriptions).toBe(subscription)
    })
  })

  it('unsubscribes from the source when it is disposed of', () => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot('-r-l-#', answers)
      expectObservable(source$.pipe(matched), '--!').toBe('-r', told)
      expectSubscriptions(source$.subscriptions).toBe('^-!')
    })
  })

  it.each([
    ['onLeft', 'l', matchAsEvent<string, string, string>(broken, broken, () => 'thrown')],
    ['onRight', 'r', matchAsEvent<string, string, string>(broken, broken, () => 'thrown')],
  ])('ends with what stands for an error when %s throws', (_, answer, operator) => {
    marbles(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot(`-${answer}-r|`, answers)
      expectObservable(source$.pipe(operator)).toBe('-(x|)', told)
      expectSubscriptions(source$.subscriptions).toBe('^!')
    })
  })

  it('errors with what onThrown throws', () => {
    marbles(({ cold, expectObservable }) => {
      const result$ = cold('-r-#', answers).pipe(
        matchAsEvent(
          (reason: string) => reason,
          (value: string) => value,
          broken,
        ),
      )
      expectObservable(result$).toBe('-r-#', { r: 'r' }, new Error('broken'))
    })
  })

  it('tells of one failure, though a source that answers at once goes on', () => {
    const seen: string[] = []
    const source$ = new Observable<Either<string, string>>((subscriber) => {
      subscriber.next(E.right('a'))
      subscriber.next(E.right('b'))
      subscriber.complete()
    })
    const operator = matchAsEvent<string, string, string>(broken, broken, () => 'thrown')
    source$.pipe(operator).subscribe({ next: (event) => seen.push(event), error: broken })
    expect(seen).toEqual(['thrown'])
  })
})
