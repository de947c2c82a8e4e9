import { fc, test } from '@fast-check/vitest'
import { describe, expect } from 'vitest'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import { none, orElse } from '../../../src/operators/piece/orElse.js'
import type { PickContext, PiecePolicy } from '../../../src/operators/piece/policy.js'
import { inRange, restrictTo } from '../../../src/operators/piece/restrictTo.js'
import { weighted } from '../../../src/operators/piece/weighted.js'
import { when } from '../../../src/operators/piece/when.js'
import { createPrng } from '../../../src/operators/random.js'
import { pickContext } from '../../support/pickContext.js'
import { anyContext, anyPolicy } from './arbitraries.js'

const sameAnswers = (one: PiecePolicy, other: PiecePolicy, at: () => PickContext): void => {
  expect(one(at())).toEqual(other(at()))
}
const divisor = fc.integer({ min: 1, max: 4 })
const multiplesOf =
  (n: number) =>
  (piece: number): boolean =>
    piece % n === 0

describe('the combinators of piece policies', () => {
  test.prop([anyPolicy, anyContext])('when(true) is the policy, when(false) is none', (policy, at) => {
    sameAnswers(when(() => true)(policy), policy, at)
    sameAnswers(when(() => false)(policy), none, at)
  })

  test.prop([anyPolicy, anyPolicy, anyContext, fc.boolean()])('when goes into orElse', (a, b, at, holds) => {
    const guard = when(() => holds)
    sameAnswers(guard(pipe(a, orElse(b))), pipe(guard(a), orElse(guard(b))), at)
  })

  test.prop([anyPolicy, anyPolicy, anyContext])('when and its opposite are a choice', (a, b, at) => {
    const isLate = (ctx: PickContext): boolean => ctx.havePieces >= 3
    const both = pipe(a, when(isLate), orElse(when((ctx) => !isLate(ctx))(b)))
    sameAnswers(both, (ctx) => (isLate(ctx) ? a(ctx) : b(ctx)), at)
  })

  test.prop([anyPolicy, anyPolicy, anyContext, divisor])('restrictTo goes into orElse', (a, b, at, n) => {
    const only = restrictTo(multiplesOf(n))
    sameAnswers(only(pipe(a, orElse(b))), pipe(only(a), orElse(only(b))), at)
  })

  test.prop([anyPolicy, anyContext, divisor, divisor])(
    'restrictTo twice is both, in any order',
    (policy, at, n, m) => {
      const both = restrictTo((piece) => piece % n === 0 && piece % m === 0)(policy)
      sameAnswers(pipe(policy, restrictTo(multiplesOf(n)), restrictTo(multiplesOf(m))), both, at)
      sameAnswers(pipe(policy, restrictTo(multiplesOf(m)), restrictTo(multiplesOf(n))), both, at)
    },
  )

  test.prop([anyPolicy, anyContext, fc.nat(20), fc.nat(20), fc.nat(20), fc.nat(20)])(
    'inRange twice is the stretch that both have',
    (policy, at, a, b, c, d) => {
      const twice = pipe(policy, inRange(a, b), inRange(c, d))
      sameAnswers(twice, inRange(Math.max(a, c), Math.min(b, d))(policy), at)
    },
  )

  test.prop([anyPolicy, anyContext, divisor, fc.nat(20), fc.nat(20)])(
    'inRange and restrictTo go in any order',
    (policy, at, n, first, end) => {
      const only = restrictTo(multiplesOf(n))
      sameAnswers(pipe(policy, only, inRange(first, end)), pipe(policy, inRange(first, end), only), at)
    },
  )

  test.prop([anyPolicy, anyContext, divisor])(
    'restrictTo answers what it accepts, and what can be picked',
    (policy, at, n) => {
      const ctx = at()
      const answer = restrictTo(multiplesOf(n))(policy)(ctx)
      if (O.isSome(answer)) expect([answer.value % n, ctx.canPick(answer.value)]).toEqual([0, true])
    },
  )

  test.prop([fc.array(fc.nat(9), { minLength: 1, maxLength: 6 }), fc.nat()], { numRuns: 30 })(
    'weighted asks each as often as its share of the weights',
    (weights, seed) => {
      const total = weights.reduce((sum, weight) => sum + weight, 0)
      const ctx = pickContext({ availability: '1'.repeat(weights.length), random: createPrng(seed).next })
      const mix = weighted(weights.map((weight, piece) => [weight, () => O.some(piece)]))
      const counts = weights.map(() => 0)
      const draws = 4_000
      for (let i = 0; i < draws; i++) {
        const answer = mix(ctx)
        if (O.isSome(answer)) counts[answer.value]!++
      }
      weights.forEach((weight, piece) => {
        const share = total === 0 ? 0 : weight / total
        // Five standard deviations.
        const slack = 5 * Math.sqrt(draws * share * (1 - share))
        expect(Math.abs(counts[piece]! - draws * share)).toBeLessThanOrEqual(slack)
      })
    },
  )

  test.prop([anyPolicy, anyContext])('weighted of one answers where that one does', (policy, at) => {
    const [mixed, alone] = [weighted([[1, policy]])(at()), policy(at())]
    expect(O.isSome(mixed)).toBe(O.isSome(alone))
  })
})
