import { expect, it } from 'vitest'
import * as O from '#fp/Option'
import { rarestFirst } from '../../../src/operators/piece/rarestFirst.js'
import { pickContext } from '../../support/pickContext.js'

it.each([
  { availability: '1321', have: ' x  ', peer: '1101', answer: O.some(0) },
  { availability: '3321', have: '    ', peer: '1111', answer: O.some(3) },
  { availability: '3321', have: '   x', peer: '1111', answer: O.some(2) },
  { availability: '3321', have: '   o', peer: '1101', answer: O.some(0) },
  { availability: '3321', have: 'xx  ', peer: '1100', answer: O.none },
  { availability: '', have: '', peer: '', answer: O.none },
])('rarestFirst of $availability having "$have" with $peer → $answer', ({ answer, ...drawing }) => {
  expect(rarestFirst(pickContext(drawing))).toEqual(answer)
})
