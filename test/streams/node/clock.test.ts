import { firstValueFrom, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { nodeClock } from '../../../src/streams/node/clock.js'

describe('nodeClock', () => {
  it('never goes back', () => {
    let last = nodeClock.now()
    for (let round = 0; round < 10_000; round += 1) {
      const now = nodeClock.now()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
  })

  it('is a scheduler: operators wait by it', async () => {
    const before = nodeClock.now()
    await firstValueFrom(timer(20, nodeClock))
    expect(nodeClock.now() - before).toBeGreaterThan(15)
  })

  it('takes back what was scheduled', async () => {
    let runs = 0
    nodeClock.schedule(() => (runs += 1), 1).unsubscribe()
    await firstValueFrom(timer(20, nodeClock))
    expect(runs).toBe(0)
  })
})
