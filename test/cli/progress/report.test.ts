import { TestScheduler } from 'rxjs/testing'
import { describe, expect, it } from 'vitest'
import { everyMs } from '../../../src/cli/progress/report.js'
import { sessionState } from '../support/sessionState.js'

const scheduler = (): TestScheduler =>
  new TestScheduler((actual, expected) => {
    expect(actual).toEqual(expected)
  })

const a = sessionState({ at: 1 })
const b = sessionState({ at: 2 })

describe('everyMs', () => {
  it('tells the latest state, news or not, until the source completes', () => {
    scheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const source$ = hot('-a-b--------|  ', { a, b })
      expectObservable(source$.pipe(everyMs(5))).toBe('-----b----b-|', { b })
      expectSubscriptions(source$.subscriptions).toBe('^-----------!')
    })
  })

  it('has nothing to tell before there is a state', () => {
    scheduler().run(({ hot, expectObservable }) => {
      expectObservable(hot('------a-----|', { a }).pipe(everyMs(5))).toBe('----------a-|', { a })
    })
  })

  it('passes an error on and lets go of the source', () => {
    scheduler().run(({ hot, expectObservable, expectSubscriptions }) => {
      const failing$ = hot('-a--#', { a })
      expectObservable(failing$.pipe(everyMs(9))).toBe('----#')
      const source$ = hot('-a--------', { a })
      expectObservable(source$.pipe(everyMs(5)), '^------!').toBe('-----a--', { a })
      expectSubscriptions(source$.subscriptions).toBe('^------!')
    })
  })
})
