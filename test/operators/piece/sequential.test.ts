import { expect, it } from 'vitest'
import * as O from '#fp/Option'
import { sequential } from '../../../src/operators/piece/sequential.js'
import { pickContext } from '../../support/pickContext.js'

it.each([
  { availability: '9111', have: '    ', peer: '1111', answer: O.some(0) },
  { availability: '9111', have: 'xo  ', peer: '1101', answer: O.some(3) },
  { availability: '9111', have: 'xoxx', peer: '1111', answer: O.none },
  { availability: '', have: '', peer: '', answer: O.none },
])('sequential of $availability having "$have" with $peer → $answer', ({ answer, ...drawing }) => {
  expect(sequential(pickContext(drawing))).toEqual(answer)
})
