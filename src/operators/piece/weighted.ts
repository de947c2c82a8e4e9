import * as O from '#fp/Option'
import type { PiecePolicy } from './policy.js'

/**
 * A mix by chance: each call goes to one of the policies, as often as its weight says, and on to the others, in the
 * same way, while there is no answer. Weights that are not positive and finite count as 0, which is never.
 *
 * @example
 * ```ts
 * weighted([[9, sequential], [1, rarestFirst]])
 * ```
 */
export const weighted = (
  choices: ReadonlyArray<readonly [weight: number, policy: PiecePolicy]>,
): PiecePolicy => {
  const usable = choices.filter(([weight]) => weight > 0 && weight < Infinity)
  return (ctx) => {
    let left = usable
    while (left.length > 0) {
      const drawn = draw(left, ctx.random())
      const answer = left[drawn]![1](ctx)
      if (answer._tag === 'Some') return answer
      left = left.filter((_, index) => index !== drawn)
    }
    return O.none
  }
}

const draw = (choices: ReadonlyArray<readonly [number, PiecePolicy]>, random: number): number => {
  let rest = random * choices.reduce((sum, [weight]) => sum + weight, 0)
  for (let index = 0; index < choices.length - 1; index++) {
    rest -= choices[index]![0]
    if (rest < 0) return index
  }
  return choices.length - 1
}
