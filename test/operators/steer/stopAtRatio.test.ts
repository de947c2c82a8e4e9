import { asyncScheduler, NEVER } from 'rxjs'
import { describe, it } from 'vitest'
import { stopAtRatio } from '../../../src/operators/steer/stopAtRatio.js'
import { marbles } from '../../support/marbles.js'
import { stateWith } from './states.js'

const states = {
  d: stateWith({ phase: 'downloading', haveBytes: 100, uploaded: 500 }),
  0: stateWith({ haveBytes: 100 }),
  1: stateWith({ haveBytes: 100, uploaded: 100 }),
  2: stateWith({ haveBytes: 100, uploaded: 200 }),
  3: stateWith({ haveBytes: 100, uploaded: 300 }),
  l: stateWith({ haveBytes: 100, lifetime: { downloaded: 100, uploaded: 200 } }),
}
const commands = { s: { _tag: 'Stop' }, b: { _tag: 'Ban', host: 'h' } } as const

describe('stopAtRatio', () => {
  it.each([
    ['stops once the ratio is reached', '-0-1-2-3-', '-----(s|)'],
    ['does not wait for the very number', '-0-3-', '---(s|)'],
    ['lets a download go on', '-d-d-1-2-', '-------(s|)'],
    ['counts what earlier runs gave', '-0-l-', '---(s|)'],
    ['ends with the session', '-0-1-|', '-----|'],
  ])('%s', (_, shown, expected) => {
    marbles(({ cold, expectObservable }) => {
      const context = { state$: cold(shown, states), notice$: NEVER, clock: asyncScheduler }
      expectObservable(stopAtRatio(2)(context)).toBe(expected, commands)
    })
  })

  it('says another command where told to', () => {
    marbles(({ cold, expectObservable }) => {
      const context = { state$: cold('-2', states), notice$: NEVER, clock: asyncScheduler }
      expectObservable(stopAtRatio(2, commands.b)(context)).toBe('-(b|)', commands)
    })
  })
})
