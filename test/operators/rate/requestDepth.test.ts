import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import {
  createDepth,
  depthOf,
  onBlockReceived,
  requestDepth,
  restartDepth,
  sampleDepth,
  type RequestDepth,
} from '../../../src/operators/rate/requestDepth.js'

const BLOCK = 16_384

const receive = (depth: RequestDepth, blocks: number, delayMs?: number): void => {
  for (let i = 0; i < blocks; i++) onBlockReceived(depth, delayMs)
}

describe('requestDepth', () => {
  it.each([
    [{ rate: 100 * BLOCK, delayMs: 0, reqq: 500 }, 100],
    [{ rate: 100 * BLOCK, delayMs: 500, reqq: 500 }, 150],
    [{ rate: 100.5 * BLOCK, delayMs: 0, reqq: 500 }, 101],
    [{ rate: 0, delayMs: 50, reqq: 500 }, 4],
    [{ rate: 1e9, delayMs: 50, reqq: 2_000 }, 512],
    [{ rate: 1e9, delayMs: 50, reqq: 250 }, 250],
    [{ rate: 0, delayMs: 50, reqq: 2 }, 2],
    [{ rate: 0, delayMs: 50, reqq: 0 }, 1],
  ])('%j → %i', (input, depth) => {
    expect(requestDepth(input)).toBe(depth)
  })

  test.prop([
    fc.double({ min: 0, max: 1e12, noNaN: true }),
    fc.double({ min: 0, max: 1e6, noNaN: true }),
    fc.integer({ min: 1, max: 2_000 }),
  ])('never leaves its bounds', (rate, delayMs, reqq) => {
    const depth = requestDepth({ rate, delayMs, reqq })
    expect(Number.isInteger(depth)).toBe(true)
    expect(depth).toBeGreaterThanOrEqual(Math.min(4, reqq))
    expect(depth).toBeLessThanOrEqual(Math.min(reqq, 512))
  })
})

describe('slow start', () => {
  it('begins at 32 and doubles with every round trip', () => {
    const depth = createDepth()
    expect(depthOf(depth, 500)).toBe(32)
    receive(depth, 32)
    expect(depthOf(depth, 500)).toBe(64)
    receive(depth, 64)
    expect(depthOf(depth, 500)).toBe(128)
    expect(depthOf(depth, 100)).toBe(100)
  })

  it('ends when the rate stops growing; what follows is bandwidth times delay', () => {
    const depth = createDepth()
    receive(depth, 32, 200)
    sampleDepth(depth, 50 * BLOCK, 1_000)
    receive(depth, 100, 700)
    sampleDepth(depth, 80 * BLOCK, 2_000)
    expect(depthOf(depth, 500)).toBe(32 + 132)
    receive(depth, 80, 900)
    sampleDepth(depth, 84 * BLOCK, 3_000)
    expect(depthOf(depth, 500)).toBe(Math.ceil(84 * 1.2))
    sampleDepth(depth, 10 * BLOCK, 3_250)
    expect(depthOf(depth, 500)).toBe(12)
  })

  it('does not end for want of blocks, nor by samples too close to tell', () => {
    const depth = createDepth()
    sampleDepth(depth, 0, 1_000)
    sampleDepth(depth, 0, 9_000)
    receive(depth, 10)
    sampleDepth(depth, 10_000, 10_000)
    receive(depth, 10)
    sampleDepth(depth, 10_100, 10_250)
    sampleDepth(depth, 10_200, 10_750)
    expect(depthOf(depth, 500)).toBe(52)
    sampleDepth(depth, 12_000, 11_000)
    sampleDepth(depth, 12_000, 12_500)
    expect(depthOf(depth, 500)).toBe(52)
    receive(depth, 1)
    sampleDepth(depth, 12_000, 13_000)
    expect(depthOf(depth, 500)).toBe(4)
  })

  it('takes a second for a delay that nobody measured', () => {
    const depth = createDepth()
    receive(depth, 1)
    sampleDepth(depth, 50 * BLOCK, 1_000)
    receive(depth, 1)
    sampleDepth(depth, 50 * BLOCK, 2_000)
    expect(depthOf(depth, 500)).toBe(100)
  })

  it('starts again when told, with the delay it learnt', () => {
    const depth = createDepth()
    for (const now of [1_000, 2_000]) {
      receive(depth, 1, 100)
      sampleDepth(depth, 100 * BLOCK, now)
    }
    expect(depthOf(depth, 500)).toBe(110)
    restartDepth(depth)
    expect(depthOf(depth, 500)).toBe(32)
    for (const now of [60_000, 61_000]) {
      receive(depth, 1)
      sampleDepth(depth, 200 * BLOCK, now)
    }
    expect(depthOf(depth, 500)).toBe(220)
  })

  // The peer answers one block every 1000 / bandwidth ms, `delayMs` after the request at the earliest.
  it.each([
    [5, 40],
    [60, 100],
    [250, 300],
    [400, 20],
  ])('fills a pipe of %i blocks/s and %i ms, without flooding it', (bandwidth, delayMs) => {
    const depth = createDepth()
    const answers: { readonly asked: number; readonly due: number }[] = []
    let lastDue = 0
    let got = 0
    let gotBefore = 0
    for (let now = 0; now <= 60_000; now++) {
      while (answers[0] !== undefined && answers[0].due <= now) {
        onBlockReceived(depth, now - answers.shift()!.asked)
        got++
      }
      if (now % 1_000 === 0 && now > 0) {
        sampleDepth(depth, (got - gotBefore) * BLOCK, now)
        if (now > 10_000) expect(got - gotBefore).toBeGreaterThanOrEqual(Math.floor(bandwidth * 0.98))
        gotBefore = got
      }
      while (answers.length < depthOf(depth, 500)) {
        lastDue = Math.max(now + delayMs, lastDue + 1_000 / bandwidth)
        answers.push({ asked: now, due: lastDue })
      }
    }
    expect(depthOf(depth, 500)).toBeLessThanOrEqual(Math.max(8, bandwidth * (1.3 + delayMs / 1_000)))
  })
})
