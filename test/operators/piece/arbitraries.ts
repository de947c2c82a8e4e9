import { fc } from '@fast-check/vitest'
import { pipe } from '#fp/function'
import { createPrng } from '../../../src/operators/random.js'
import { none, orElse } from '../../../src/operators/piece/orElse.js'
import type { PickContext, PiecePolicy } from '../../../src/operators/piece/policy.js'
import { randomFirst } from '../../../src/operators/piece/randomFirst.js'
import { rarestFirst } from '../../../src/operators/piece/rarestFirst.js'
import { inRange, restrictTo } from '../../../src/operators/piece/restrictTo.js'
import { sequential } from '../../../src/operators/piece/sequential.js'
import { weighted } from '../../../src/operators/piece/weighted.js'
import { when } from '../../../src/operators/piece/when.js'
import { pickContext } from '../../support/pickContext.js'

/** A swarm of up to 20 pieces, as a function: each call starts its chance afresh, so that two policies see the same. */
export const anyContext: fc.Arbitrary<() => PickContext> = fc
  .tuple(
    fc.array(
      fc.tuple(
        fc.nat(9),
        fc.constantFrom(' ', ' ', 'x', 'o'),
        fc.constantFrom('0', '1'),
        fc.constantFrom('4', '4', '0', '7'),
      ),
      {
        maxLength: 20,
      },
    ),
    fc.nat(),
  )
  .map(([pieces, seed]) => {
    const drawing = {
      availability: pieces.map(([count]) => String(count)).join(''),
      have: pieces.map(([, have]) => have).join(''),
      peer: pieces.map(([, , peer]) => peer).join(''),
      priority: pieces.map(([, , , priority]) => priority).join(''),
    }
    return () => pickContext({ ...drawing, random: createPrng(seed).next })
  })

const { policy } = fc.letrec<{ policy: PiecePolicy }>((tie) => ({
  policy: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(rarestFirst, sequential, none),
    fc.nat(6).map(randomFirst),
    fc.tuple(tie('policy'), tie('policy')).map(([first, second]) => pipe(first, orElse(second))),
    fc.tuple(tie('policy'), fc.boolean()).map(([inner, holds]) =>
      pipe(
        inner,
        when(() => holds),
      ),
    ),
    fc.tuple(tie('policy'), fc.integer({ min: 1, max: 4 })).map(([inner, divisor]) =>
      pipe(
        inner,
        restrictTo((piece) => piece % divisor === 0),
      ),
    ),
    fc
      .tuple(tie('policy'), fc.nat(20), fc.nat(20))
      .map(([inner, first, length]) => pipe(inner, inRange(first, first + length))),
    fc.array(fc.tuple(fc.nat(3), tie('policy')), { maxLength: 3 }).map(weighted),
  ),
}))

/** Anything that the parts can be put together to. */
export const anyPolicy: fc.Arbitrary<PiecePolicy> = policy
