import { test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import { sequential } from '../../../src/operators/piece/sequential.js'
import { when } from '../../../src/operators/piece/when.js'
import { pickContext } from '../../support/pickContext.js'
import { anyContext, anyPolicy } from './arbitraries.js'

describe('when', () => {
  it('asks only while the predicate holds', () => {
    const policy = pipe(
      sequential,
      when((ctx) => ctx.havePieces >= 2),
    )
    expect(policy(pickContext({ availability: '111', have: 'x  ' }))).toEqual(O.none)
    expect(policy(pickContext({ availability: '111', have: 'xx ' }))).toEqual(O.some(2))
  })

  test.prop([anyPolicy, anyContext])('twice is both', (policy, at) => {
    const even = when((ctx) => ctx.pieceCount % 2 === 0)
    const few = when((ctx) => ctx.havePieces < 3)
    const both = when((ctx) => ctx.pieceCount % 2 === 0 && ctx.havePieces < 3)
    expect(pipe(policy, even, few)(at())).toEqual(pipe(policy, both)(at()))
  })
})
