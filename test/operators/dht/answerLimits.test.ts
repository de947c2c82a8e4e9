import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { admitAnswer, admitQuery, createAnswerLimits } from '../../../src/operators/dht/answerLimits.js'
import { DHT_LIMITS } from '../../../src/operators/dht/limits.js'

const admitted = (froms: ReadonlyArray<{ readonly host: string; readonly port: number }>): number => {
  const limits = createAnswerLimits(0)
  return froms.filter((from) => admitQuery(limits, from, 10)).length
}

describe('admitQuery', () => {
  it('takes fifty queries in ten seconds of a source', () => {
    const limits = createAnswerLimits(0)
    const from = { host: '8.8.8.8', port: 1 }
    const taken = (now: number): number =>
      Array.from({ length: 60 }, () => admitQuery(limits, from, now)).filter(Boolean).length
    expect([0, 9_999, 10_000].map(taken)).toEqual([50, 0, 50])
  })

  it('takes a host for one source whatever the port, and a /64 of IPv6 whatever the host', () => {
    const ports = Array.from({ length: 60 }, (_, i) => i + 1)
    expect(admitted(ports.map((port) => ({ host: '8.8.8.8', port })))).toBe(50)
    expect(admitted(ports.map((i) => ({ host: `2a00:1450::${String(i)}`, port: 1 })))).toBe(50)
    expect(admitted(ports.map((i) => ({ host: `2a00:1450:0:${String(i)}::1`, port: 1 })))).toBe(60)
  })

  it('tells nodes on one machine of ours apart', () => {
    expect(admitted(Array.from({ length: 20 }, (_, i) => ({ host: '127.0.0.1', port: i + 1 })))).toBe(20)
  })

  it('counts so many sources, and takes nothing of the others', () => {
    const flood = Array.from({ length: 30_000 }, (_, i) => ({
      host: `9.${String(i >> 8)}.${String(i & 255)}.1`,
      port: 1,
    }))
    expect(admitted(flood)).toBe(DHT_LIMITS.sources)
  })
})

describe('admitAnswer', () => {
  test.prop([
    fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 1_200 })), {
      maxLength: 2_000,
    }),
  ])('lets 8 kB a second go, and two seconds of it at once', (steps) => {
    const limits = createAnswerLimits(0)
    let now = 0
    let sent = 0
    for (const [waited, bytes] of steps) {
      now += waited
      if (admitAnswer(limits, bytes, now)) sent += bytes
      expect(sent).toBeLessThanOrEqual(16_384 + 8_000 * (1 + now / 1_000))
    }
  })

  it('lets answers go again after a flood', () => {
    const limits = createAnswerLimits(0)
    for (let i = 0; i < 10_000; i++) admitAnswer(limits, 1_000, 0)
    expect(admitAnswer(limits, 1_000, 0)).toBe(false)
    expect(admitAnswer(limits, 1_000, 1_000)).toBe(true)
  })
})
