import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { whenComplete } from '../../../src/operators/view/whenComplete.js'
import { sessionFixture } from '../../support/sessionFixture.js'

const state = createSnapshots()(sessionFixture().model)
const whole: SessionState = { ...state, progress: { ...state.progress, isDone: true } }

const watch = (state$: Subject<SessionState>): string[] => {
  const seen: string[] = []
  state$.pipe(whenComplete()).subscribe({
    next: ({ isDone }) => seen.push(String(isDone)),
    error: (thrown: unknown) => seen.push(String(thrown)),
    complete: () => seen.push('complete'),
  })
  return seen
}

describe('whenComplete', () => {
  it('waits, tells once, and lets go of its source', () => {
    const state$ = new Subject<SessionState>()
    const seen = watch(state$)
    state$.next(state)
    expect(seen).toEqual([])
    state$.next(whole)
    expect(seen).toEqual(['true', 'complete'])
    expect(state$.observed).toBe(false)
  })

  it('ends without a value when the session stops before', () => {
    const state$ = new Subject<SessionState>()
    const seen = watch(state$)
    state$.next(state)
    state$.complete()
    expect(seen).toEqual(['complete'])
  })

  it('passes an error on', () => {
    const state$ = new Subject<SessionState>()
    const seen = watch(state$)
    state$.error('boom')
    expect(seen).toEqual(['boom'])
  })
})
