import { asyncScheduler, NEVER } from 'rxjs'
import { describe, it } from 'vitest'
import { feedback } from '../../../src/operators/steer/feedback.js'
import { marbles } from '../../support/marbles.js'

const context = { state$: NEVER, notice$: NEVER, clock: asyncScheduler }
const up = (limit: number) => ({ _tag: 'SetLimits', scope: 'session', down: Infinity, up: limit }) as const

describe('feedback', () => {
  it('makes each value limits, and says them when they change', () => {
    marbles(({ cold, expectObservable }) => {
      const source$ = cold('-1-1-2-|', { 1: 100, 2: 200 })
      const policy = feedback(source$, (value) => ({ down: Infinity, up: value }))
      expectObservable(policy(context)).toBe('-a---b-|', { a: up(100), b: up(200) })
    })
  })

  it('knows the limits before: half when it is bad, a little more when it is good', () => {
    marbles(({ cold, expectObservable }) => {
      const ping$ = cold('-b-b-g-g-')
      const policy = feedback(
        ping$,
        (ping, before) => ({ down: Infinity, up: ping === 'b' ? before.up / 2 : before.up + 10 }),
        { down: Infinity, up: 400 },
      )
      const limits = { a: up(200), b: up(100), c: up(110), d: up(120) }
      expectObservable(policy(context)).toBe('-a-b-c-d-', limits)
    })
  })

  it('passes the error of its stream on, for the session to report', () => {
    marbles(({ cold, expectObservable }) => {
      const policy = feedback(cold('-1-#'), () => ({ down: 1, up: 1 }))
      const limits = { a: { _tag: 'SetLimits', scope: 'session', down: 1, up: 1 } }
      expectObservable(policy(context)).toBe('-a-#', limits)
    })
  })
})
