import { asyncScheduler, map, NEVER } from 'rxjs'
import { describe, it } from 'vitest'
import { stopAfterSeeding } from '../../../src/operators/steer/stopAfterSeeding.js'
import { marbles } from '../../support/marbles.js'
import { stateWith } from './states.js'

const commands = { s: { _tag: 'Stop' } } as const

describe('stopAfterSeeding', () => {
  it.each([
    ['counts from when it seeds', 'd--s--------', '-------- (s|)'],
    ['goes by time, not by states', 's-s-s-s-s-s-', '----- (s|)'],
    ['does not count pauses', 's--d----s-----', '---------- (s|)'],
    ['waits while it does not seed', 'd-d-d-d-d-d-', '-'],
    ['ends with the session', 'd-----|', '------|'],
  ])('%s', (_, phases, expected) => {
    marbles(({ hot, expectObservable }) => {
      const state$ = hot(phases).pipe(
        map((phase) =>
          stateWith({ at: asyncScheduler.now(), phase: phase === 's' ? 'seeding' : 'downloading' }),
        ),
      )
      const context = { state$, notice$: NEVER, clock: asyncScheduler }
      expectObservable(stopAfterSeeding(5)(context)).toBe(expected, commands)
    })
  })

  it('never stops after an endless time', () => {
    marbles(({ cold, expectObservable }) => {
      const state$ = cold('s').pipe(map(() => stateWith({})))
      const context = { state$, notice$: NEVER, clock: asyncScheduler }
      expectObservable(stopAfterSeeding(Infinity)(context), '^ 100s !').toBe('-')
    })
  })
})
