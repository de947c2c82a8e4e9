import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { createPrng } from '../../../src/operators/random.js'
import { none } from '../../../src/operators/piece/orElse.js'
import type { PiecePolicy } from '../../../src/operators/piece/policy.js'
import { weighted } from '../../../src/operators/piece/weighted.js'
import { pickContext } from '../../support/pickContext.js'
import { anyContext, anyPolicy } from './arbitraries.js'

const always =
  (piece: number): PiecePolicy =>
  () =>
    O.some(piece)

const counts = (policy: PiecePolicy): ReadonlyArray<number> => {
  const ctx = pickContext({ availability: '111', random: createPrng(3).next })
  const found = [0, 0, 0]
  for (let i = 0; i < 10_000; i++) {
    const answer = policy(ctx)
    if (O.isSome(answer)) found[answer.value]!++
  }
  return found
}

const near = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>): void => {
  found.forEach((count, index) => expect(Math.abs(count - expected[index]!)).toBeLessThan(250))
}

describe('weighted', () => {
  it('asks each as often as it weighs', () => {
    near(
      counts(
        weighted([
          [1, always(0)],
          [6, always(1)],
          [3, always(2)],
        ]),
      ),
      [1_000, 6_000, 3_000],
    )
  })

  it('shares among the others what one does not answer', () => {
    near(
      counts(
        weighted([
          [2, none],
          [1, always(0)],
          [3, always(1)],
        ]),
      ),
      [2_500, 7_500, 0],
    )
  })

  it('never asks what has no weight', () => {
    const unusable = [0, -1, NaN, Infinity].map((weight) => [weight, always(2)] as const)
    expect(counts(weighted([...unusable, [0.001, always(1)]]))).toEqual([0, 10_000, 0])
    expect(counts(weighted(unusable))).toEqual([0, 0, 0])
    expect(counts(weighted([]))).toEqual([0, 0, 0])
  })

  test.prop([anyPolicy, anyPolicy, anyContext])('has an answer where one of its policies has', (a, b, at) => {
    const answers = O.isSome(a(at())) || O.isSome(b(at()))
    // Chance of their own may make a policy in a mix answer otherwise; whether it answers, it does not decide.
    expect(
      O.isSome(
        weighted([
          [1, a],
          [2, b],
        ])(at()),
      ),
    ).toBe(answers)
  })
})
