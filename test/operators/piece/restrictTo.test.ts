import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { pipe } from '#fp/function'
import * as O from '#fp/Option'
import type { PickContext } from '../../../src/operators/piece/policy.js'
import { rarestFirst } from '../../../src/operators/piece/rarestFirst.js'
import { inRange, restrictTo } from '../../../src/operators/piece/restrictTo.js'
import { sequential } from '../../../src/operators/piece/sequential.js'
import { pickContext } from '../../support/pickContext.js'
import { anyContext, anyPolicy } from './arbitraries.js'

describe('restrictTo', () => {
  it('leaves only what it accepts', () => {
    const ctx = pickContext({ availability: '1234' })
    const late = restrictTo((piece) => piece >= 2)
    expect(pipe(rarestFirst, late)(ctx)).toEqual(O.some(2))
    expect(pipe(sequential, late)(ctx)).toEqual(O.some(2))
    expect(
      pipe(
        sequential,
        late,
        restrictTo((piece) => piece !== 2),
      )(ctx),
    ).toEqual(O.some(3))
    expect(
      pipe(
        rarestFirst,
        late,
        restrictTo((piece) => piece < 2),
      )(ctx),
    ).toEqual(O.none)
  })

  test.prop([anyPolicy, anyContext])('of everything changes nothing', (policy, at) => {
    expect(
      pipe(
        policy,
        restrictTo(() => true),
      )(at()),
    ).toEqual(policy(at()))
  })

  test.prop([anyPolicy, anyContext, fc.nat(20), fc.nat(20)])(
    'gives a policy the same context as inRange does',
    (policy, at, first, length) => {
      const end = first + length
      const byPredicate = restrictTo((piece) => piece >= first && piece < end)
      expect(pipe(policy, inRange(first, end))(at())).toEqual(pipe(policy, byPredicate)(at()))
    },
  )

  test.prop([anyContext, fc.nat(19), fc.boolean(), fc.integer({ min: 1, max: 4 })])(
    'searches as a context of only those pieces would',
    (at, from, wrap, divisor) => {
      const ctx = at()
      const accept = (piece: number): boolean => piece % divisor === 0
      const start = Math.min(from, ctx.pieceCount)
      const order = Array.from({ length: ctx.pieceCount }, (_, i) => (start + i) % ctx.pieceCount)
      const expected = order.find((p) => (wrap || p >= start) && accept(p) && ctx.canPick(p)) ?? -1
      const seen: number[] = []
      const spy = (narrowed: PickContext): O.Option<number> => {
        seen.push(narrowed.firstByIndex(start, wrap))
        return O.none
      }
      restrictTo(accept)(spy)(ctx)
      expect(seen).toEqual([expected])
    },
  )
})

describe('inRange', () => {
  it('goes straight to the stretch', () => {
    const inner = pickContext({ availability: '1'.repeat(1_000) })
    const asked: number[] = []
    const ctx = {
      ...inner,
      firstByIndex: (from: number, wrap: boolean) => {
        asked.push(from)
        return inner.firstByIndex(from, wrap)
      },
    }
    expect(pipe(sequential, inRange(900, 910))(ctx)).toEqual(O.some(900))
    expect(asked).toEqual([900])
  })

  it('is empty where it ends before it begins, or lies beyond the torrent', () => {
    const ctx = pickContext({ availability: '111' })
    for (const range of [inRange(2, 2), inRange(2, 1), inRange(3, 9)]) {
      expect(pipe(sequential, range)(ctx)).toEqual(O.none)
      expect(pipe(rarestFirst, range)(ctx)).toEqual(O.none)
    }
  })
})
