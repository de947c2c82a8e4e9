import { describe, expect, it } from 'vitest'
import { shareRatio } from '../../../src/operators/steer/shareRatio.js'
import { stateWith } from './states.js'

describe('shareRatio', () => {
  it.each([
    ['of what this run moved', stateWith({ downloaded: 100, uploaded: 150 }), 1.5],
    [
      'of a lifetime, where it is known',
      stateWith({ downloaded: 1, uploaded: 9, lifetime: { downloaded: 100, uploaded: 50 } }),
      0.5,
    ],
    ['of who had everything from elsewhere', stateWith({ uploaded: 300, haveBytes: 100 }), 3],
    ['of nothing', stateWith({ uploaded: 5 }), 0],
  ])('is %s', (_, state, ratio) => {
    expect(shareRatio(state)).toBe(ratio)
  })
})
