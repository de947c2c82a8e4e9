import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { pipe } from '#fp/function'
import { concatAll } from '#fp/Monoid'
import * as O from '#fp/Option'
import { none, orElse, orElseMonoid } from '../../../src/operators/piece/orElse.js'
import { randomFirst } from '../../../src/operators/piece/randomFirst.js'
import { sequential } from '../../../src/operators/piece/sequential.js'
import { pickContext } from '../../support/pickContext.js'
import { anyContext, anyPolicy } from './arbitraries.js'

describe('orElse', () => {
  const ctx = pickContext({ availability: '111', have: 'x  ' })

  it('keeps to the first answer', () => {
    const unasked = (): never => {
      throw new Error('asked')
    }
    expect(pipe(sequential, orElse(unasked))(ctx)).toEqual(O.some(1))
  })

  it('asks the second where the first has none', () => {
    expect(pipe(randomFirst(1), orElse(sequential))(ctx)).toEqual(O.some(1))
  })

  test.prop([anyPolicy, anyPolicy, anyPolicy, anyContext])('is associative', (a, b, c, at) => {
    const left = pipe(pipe(a, orElse(b)), orElse(c))
    const right = pipe(a, orElse(pipe(b, orElse(c))))
    expect(left(at())).toEqual(right(at()))
  })

  test.prop([anyPolicy, anyContext])('has none for its identity, on both sides', (policy, at) => {
    expect(pipe(policy, orElse(none))(at())).toEqual(policy(at()))
    expect(pipe(none, orElse(policy))(at())).toEqual(policy(at()))
  })

  test.prop([anyPolicy, anyPolicy, anyContext])('is what the monoid does', (a, b, at) => {
    expect(concatAll(orElseMonoid)([a, b])(at())).toEqual(pipe(a, orElse(b))(at()))
    expect(concatAll(orElseMonoid)([])(at())).toEqual(O.none)
  })
})
