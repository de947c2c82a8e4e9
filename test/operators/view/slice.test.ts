import { Subject } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { slice } from '../../../src/operators/view/slice.js'
import { sessionFixture } from '../../support/sessionFixture.js'

const state = createSnapshots()(sessionFixture().model)

describe('slice', () => {
  it('emits a part when it is another one, and only then', () => {
    const state$ = new Subject<SessionState>()
    const parts: SessionState['rates'][] = []
    state$.pipe(slice('rates')).subscribe((rates) => parts.push(rates))
    const other = { ...state.rates }
    state$.next(state)
    state$.next({ ...state, at: 1 })
    state$.next({ ...state, rates: other })
    state$.next({ ...state, rates: other, at: 2 })
    expect(parts).toHaveLength(2)
    expect(parts[0]).toBe(state.rates)
    expect(parts[1]).toBe(other)
  })

  it('completes and fails as its source does', () => {
    const [first$, second$] = [new Subject<SessionState>(), new Subject<SessionState>()]
    const seen: string[] = []
    for (const source$ of [first$, second$]) {
      source$.pipe(slice('phase')).subscribe({
        error: (thrown: unknown) => seen.push(String(thrown)),
        complete: () => seen.push('complete'),
      })
    }
    first$.complete()
    second$.error('boom')
    expect(seen).toEqual(['complete', 'boom'])
  })
})
