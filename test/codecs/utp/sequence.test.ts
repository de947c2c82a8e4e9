import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { isBefore, stepsTo } from '../../../src/codecs/utp/sequence.js'

const anyNumber = fc.integer({ min: 0, max: 0xffff })

describe('isBefore', () => {
  test.prop([anyNumber, fc.integer({ min: 1, max: 0x7fff })])(
    'orders what is less than half the circle apart',
    (from, steps) => {
      const to = (from + steps) & 0xffff
      expect([isBefore(from, to), isBefore(to, from), stepsTo(from, to)]).toEqual([true, false, steps])
    },
  )

  it('puts no number before itself, and holds over all 65 536', () => {
    let wrong = 0
    for (let at = 0; at <= 0xffff; at++) {
      const next = (at + 1) & 0xffff
      if (isBefore(at, at) || !isBefore(at, next) || isBefore(next, at)) wrong++
    }
    expect(wrong).toBe(0)
  })
})
