import { describe, expect, it } from 'vitest'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import { deadline } from '../../../src/operators/piece/deadline.js'
import { orElse } from '../../../src/operators/piece/orElse.js'
import { rarestFirst } from '../../../src/operators/piece/rarestFirst.js'
import { inRange } from '../../../src/operators/piece/restrictTo.js'
import { pickContext } from '../../support/pickContext.js'

describe('deadline', () => {
  const urgent = [5, 6, 2, 3]

  it('picks in the order of need what the peer has', () => {
    const ctx = pickContext({ availability: '11111111', peer: '11111011', urgent })
    expect(deadline(ctx)).toEqual(O.some(6))
  })

  it('leaves it to others where nobody reads, or the peer has none of it', () => {
    expect(deadline(pickContext({ availability: '11111111' }))).toEqual(O.none)
    const ctx = pickContext({ availability: '21111111', peer: '11001001', urgent })
    expect(deadline(ctx)).toEqual(O.none)
    expect(pipe(deadline, orElse(rarestFirst))(ctx)).toEqual(O.some(1))
  })

  it('keeps to a range', () => {
    const ctx = pickContext({ availability: '11111111', urgent })
    expect(pipe(deadline, inRange(0, 4))(ctx)).toEqual(O.some(2))
  })
})
