import { expect, it } from 'vitest'
import * as O from '#fp/Option'
import { defaultPiecePolicy } from '../../../src/operators/piece/defaultPiecePolicy.js'
import { pickContext } from '../../support/pickContext.js'

it('the default begins with what a reader needs', () => {
  const ctx = pickContext({ availability: '999921', have: 'xxxx  ', urgent: [4, 5] })
  expect(defaultPiecePolicy(ctx)).toEqual(O.some(4))
})

it.each([
  ['xxx   ', 4],
  ['xxxx  ', 5],
  ['xxxxxx', -1],
])('the default, having "%s", picks %i', (have, piece) => {
  const ctx = pickContext({ availability: '999921', have, random: () => 0.7 })
  expect(defaultPiecePolicy(ctx)).toEqual(piece === -1 ? O.none : O.some(piece))
})
