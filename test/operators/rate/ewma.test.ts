import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  addBytes,
  createRateMeter,
  rate,
  sampleRate,
  type RateMeter,
} from '../../../src/operators/rate/ewma.js'

/** `bytesPerSecond` from `from` to `to`, sampled every `every` ms. */
const feed = (meter: RateMeter, bytesPerSecond: number, from: number, to: number, every: number): void => {
  for (let now = from + every; now <= to; now += every) {
    addBytes(meter, (bytesPerSecond * every) / 1000)
    sampleRate(meter, now)
  }
}

describe('rate meter', () => {
  it('is at 0 until something came', () => {
    const meter = createRateMeter(0)
    expect(rate(meter)).toBe(0)
    sampleRate(meter, 250)
    expect(rate(meter)).toBe(0)
  })

  it('starts counting at the first sample when it is not told when', () => {
    const meter = createRateMeter()
    addBytes(meter, 1_000_000)
    sampleRate(meter, 5_000)
    expect(rate(meter)).toBe(0)
    addBytes(meter, 1_000)
    sampleRate(meter, 6_000)
    expect(rate(meter)).toBe(1_000)
  })

  test.prop([
    fc.integer({ min: 1, max: 1e9 }),
    fc.integer({ min: 250, max: 1_000 }),
    fc.integer({ min: 0, max: 1e9 }),
  ])('is right from the first sample on, and stays so', (bytesPerSecond, every, from) => {
    const meter = createRateMeter(from)
    for (let to = from; to < from + 30_000; to += every) {
      feed(meter, bytesPerSecond, to, to + every, every)
      expect(Math.abs(rate(meter) / bytesPerSecond - 1)).toBeLessThan(1e-9)
    }
  })

  test.prop([
    fc.integer({ min: 1_000, max: 1e8 }),
    fc.integer({ min: 0, max: 1e8 }),
    fc.array(fc.integer({ min: 250, max: 1_000 }), { minLength: 100, maxLength: 100 }),
  ])('comes within 5 % of a new rate in 15 s of irregular samples', (after, before, gaps) => {
    const meter = createRateMeter(0)
    feed(meter, before, 0, 60_000, 500)
    let now = 60_000
    for (const gap of gaps) {
      if (now >= 75_000) break
      now += gap
      addBytes(meter, (after * gap) / 1000)
      sampleRate(meter, now)
    }
    expect(Math.abs(rate(meter) - after)).toBeLessThan(0.05 * Math.max(after, before))
  })

  it('smooths what comes in bursts', () => {
    const meter = createRateMeter(0)
    feed(meter, 0, 0, 0, 250)
    for (let now = 250; now <= 60_000; now += 250) {
      if (now % 1_000 === 0) addBytes(meter, 100_000)
      sampleRate(meter, now)
      if (now >= 4_000) expect(Math.abs(rate(meter) - 100_000)).toBeLessThan(25_000)
    }
  })

  it('waits where samples come too close together, and loses nothing', () => {
    const meter = createRateMeter(0)
    addBytes(meter, 1_000)
    sampleRate(meter, 1)
    sampleRate(meter, 99)
    expect(rate(meter)).toBe(0)
    sampleRate(meter, 100)
    expect(rate(meter)).toBeCloseTo(10_000, 6)
    addBytes(meter, 500)
    sampleRate(meter, 50)
    sampleRate(meter, 150)
    sampleRate(meter, 200)
    expect(rate(meter)).toBeGreaterThan(5_000)
    expect(rate(meter)).toBeLessThan(10_000)
  })

  it('only falls while idle, and is exactly 0 after 20 s', () => {
    const meter = createRateMeter(0)
    feed(meter, 1e8, 0, 10_000, 250)
    let last = rate(meter)
    for (let now = 10_250; now < 30_000; now += 250) {
      sampleRate(meter, now)
      expect(rate(meter)).toBeLessThan(last)
      last = rate(meter)
    }
    expect(last).toBeLessThan(0.01 * 1e8)
    sampleRate(meter, 30_000)
    expect(rate(meter)).toBe(0)
  })

  it('is as quick after a rest as when new', () => {
    const meter = createRateMeter(0)
    feed(meter, 5_000, 0, 10_000, 250)
    feed(meter, 0, 10_000, 600_000, 250)
    feed(meter, 80_000, 600_000, 600_250, 250)
    expect(rate(meter)).toBeCloseTo(80_000, 6)
  })
})
