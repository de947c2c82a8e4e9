import { describe, expect, it } from 'vitest'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { sessionFixture } from '../../support/sessionFixture.js'

describe('a policy that fails all the time', () => {
  it('is told of at once, then every ten seconds, with how often', () => {
    const fixture = sessionFixture({
      policies: {
        rate: () => {
          throw new Error('broken')
        },
      },
    })
    const counts = (): ReadonlyArray<number> => fixture.noticesOf('PolicyFailed').map(({ count }) => count)
    expect(counts()).toEqual([1])
    fixture.pass(9_000)
    expect(counts()).toEqual([1])
    fixture.pass(21_500)
    expect(counts()).toEqual([1, 40, 40, 40])
    expect(fixture.noticesOf('PolicyFailed')[1]).toMatchObject({ policy: 'rate', message: 'broken' })
  })

  it('and mends is forgotten, and told of at once when it fails again', () => {
    let isBroken = true
    const fixture = sessionFixture({
      policies: {
        rate: () => {
          if (isBroken) throw new Error('broken')
          return { down: Infinity, up: Infinity }
        },
      },
    })
    isBroken = false
    fixture.pass(20_000)
    expect(fixture.model.policyFailures.size).toBe(0)
    isBroken = true
    fixture.pass(250)
    expect(fixture.noticesOf('PolicyFailed')).toHaveLength(2)
  })

  it('with another message each time does not fill the memory, or the stream of notices', () => {
    let number = 0
    const fixture = sessionFixture({
      policies: {
        rate: () => {
          throw new Error(`broken ${String(number++)}`)
        },
      },
    })
    fixture.pass(60_000)
    expect(fixture.model.policyFailures.size).toBeLessThanOrEqual(SESSION_LIMITS.policyFailures + 1)
    expect(fixture.noticesOf('PolicyFailed').length).toBeLessThan(240)
  })
})
