import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { dialOnly } from '../../../src/operators/peer/dialOnly.js'
import { defaultDial } from '../../../src/operators/peer/dialPolicy.js'
import { maxConnected } from '../../../src/operators/peer/maxConnected.js'
import { maxPerHost } from '../../../src/operators/peer/maxPerHost.js'
import type { DialContext } from '../../../src/operators/peer/policy.js'
import { createPrng } from '../../../src/operators/random.js'
import { candidate, dialContext } from './dials.js'

const hosts = fc.nat(4).map((n) => `10.0.0.${String(n)}`)
const anyDial: fc.Arbitrary<DialContext> = fc
  .tuple(
    fc.array(fc.tuple(hosts, fc.nat(3)), { maxLength: 30 }),
    fc.array(hosts, { maxLength: 10 }),
    fc.nat(20),
    fc.nat(),
  )
  .map(([known, connected, room, seed]) =>
    dialContext(
      known.map(([host, failures], port) => candidate(port, { host, failures })),
      { room, connected: connected.map((host) => ({ host, port: 1 })), random: createPrng(seed).next },
    ),
  )
const countOf = (addresses: ReadonlyArray<{ readonly host: string }>, name: string): number =>
  addresses.filter(({ host }) => host === name).length

describe('maxPerHost', () => {
  test.prop([anyDial, fc.nat(4)])(
    'never comes to more than so many with a host, and fills the room',
    (ctx, count) => {
      const chosen = maxPerHost(count)(defaultDial)(ctx)
      let free = 0
      for (const host of new Set(ctx.candidates.map((known) => known.host))) {
        const left = Math.max(0, count - countOf(ctx.connected, host))
        expect(countOf(chosen, host)).toBeLessThanOrEqual(left)
        free += Math.min(left, countOf(ctx.candidates, host))
      }
      expect(chosen).toHaveLength(Math.min(ctx.room, free))
    },
  )

  it('takes the best of each host', () => {
    const candidates = [
      candidate(1, { failures: 2 }),
      candidate(2),
      candidate(3, { host: '10.0.0.2', failures: 5 }),
    ]
    const chosen = maxPerHost(1)(defaultDial)(dialContext(candidates))
    expect(chosen.map(({ port }) => port)).toEqual([2, 3])
  })
})

describe('maxConnected', () => {
  test.prop([anyDial, fc.nat(20)])('comes to so many at most', (ctx, count) => {
    const chosen = maxConnected(count)(defaultDial)(ctx)
    const room = Math.max(0, Math.min(ctx.room, count - ctx.connected.length))
    expect(chosen).toHaveLength(Math.min(room, ctx.candidates.length))
  })
})

describe('dialOnly', () => {
  test.prop([anyDial])('dials only those that are accepted', (ctx) => {
    const chosen = dialOnly(({ host }) => host !== '10.0.0.1')(defaultDial)(ctx)
    expect(countOf(chosen, '10.0.0.1')).toBe(0)
    const others = ctx.candidates.length - countOf(ctx.candidates, '10.0.0.1')
    expect(chosen).toHaveLength(Math.min(ctx.room, others))
  })

  test.prop([anyDial])('goes with the others in any order', (ctx) => {
    const isOne = ({ host }: { readonly host: string }): boolean => host === '10.0.0.1'
    const [once, again] = [
      maxPerHost(2)(dialOnly(isOne)(defaultDial)),
      dialOnly(isOne)(maxPerHost(2)(defaultDial)),
    ].map((policy) => policy({ ...ctx, random: () => 0 }))
    expect(again).toEqual(once)
  })
})
