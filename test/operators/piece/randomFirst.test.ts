import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { createPrng } from '../../../src/operators/random.js'
import { randomFirst } from '../../../src/operators/piece/randomFirst.js'
import { pickContext } from '../../support/pickContext.js'

describe('randomFirst', () => {
  it.each([
    [0, 0],
    [0.5, 3],
    [0.8, 0],
    [0.9999, 0],
  ])('looks from a random place on, and round the end: %f → %i', (random, piece) => {
    const ctx = pickContext({ availability: '11111', have: ' oo o', random: () => random })
    expect(randomFirst(1)(ctx)).toEqual(O.some(piece))
  })

  it('answers until it has given enough', () => {
    expect(randomFirst(2)(pickContext({ availability: '1111', have: 'x   ' }))).toEqual(O.some(1))
    expect(randomFirst(2)(pickContext({ availability: '1111', have: 'xx  ' }))).toEqual(O.none)
  })

  it('has no answer where there is nothing to pick', () => {
    expect(randomFirst(4)(pickContext({ availability: '' }))).toEqual(O.none)
    expect(randomFirst(4)(pickContext({ availability: '11', peer: '00' }))).toEqual(O.none)
  })

  it('keeps to the highest priority that the peer has', () => {
    const ctx = pickContext({ availability: '111111', priority: '447747', peer: '111110', random: () => 0.9 })
    expect(randomFirst(1)(ctx)).toEqual(O.some(2))
  })

  it('finds every piece as often', () => {
    const ctx = pickContext({ availability: '1'.repeat(10), random: createPrng(1).next })
    const counts = new Uint32Array(10)
    for (let i = 0; i < 10_000; i++) counts[O.getOrElse(() => -1)(randomFirst(1)(ctx))]!++
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150)
  })
})
