import { describe, expect, it } from 'vitest'
import type { Direction } from '../../../src/operators/session/allowance.js'
import { type DemandOptions, type SteadyDemand, steadyDemand, windows } from '../../support/steadyDemand.js'

const BLOCK = 16_384
const MIB = 1024 * 1024

/** Ticks of a machine with other things to do. */
const late = (random: () => number): number => 250 + Math.floor(random() * 230)

const demandOf = (
  options: Omit<DemandOptions, 'direction' | 'count'> & {
    readonly direction: Direction
    readonly count?: number
    /** To be moved at most. */
    readonly bytes: number
  },
): SteadyDemand =>
  steadyDemand({
    count: 1,
    pieces: options.direction === 'down' ? Math.ceil(options.bytes / MIB) + 16 : 64,
    latencyMs: options.direction === 'down' ? 40 : 10,
    tickMs: late,
    ...options,
  })

const limit = ({ fixture }: SteadyDemand, direction: Direction, rate: number): void => {
  fixture.command({
    _tag: 'SetLimits',
    scope: 'session',
    down: direction === 'down' ? rate : Infinity,
    up: direction === 'up' ? rate : Infinity,
  })
}

/** To 5 %, where a block goes as a whole. */
const expectRate = (bytes: ReadonlyArray<number>, rate: number): void => {
  expect(bytes.length).toBeGreaterThan(0)
  expect(Math.min(...bytes)).toBeGreaterThanOrEqual(10 * rate * 0.95 - BLOCK)
  expect(Math.max(...bytes)).toBeLessThanOrEqual(10 * rate * 1.05 + BLOCK)
}

describe.each(['down', 'up'] as const)('a limit (%s)', (direction) => {
  it.each(
    [20_000, 100_000, 1_000_000, 10_000_000, 50_000_000].flatMap((rate) =>
      [1, 4].map((count) => ({ rate, count })),
    ),
  )('of $rate holds to 5 % in any 10 s, with $count peers and late ticks', ({ rate, count }) => {
    const seconds = rate > 1e7 ? 12 : 30
    const demand = demandOf({ direction, count, bytes: rate * seconds * 1.1 })
    limit(demand, direction, rate)
    demand.run(1_000)
    demand.run((seconds - 1) * 1_000)
    expectRate(windows(demand.moved, 1_000), rate)
    expect(demand.peers.map((peer) => peer.closedFor())).toEqual(
      Array.from({ length: count }, () => undefined),
    )
  })

  it('is never exceeded by more than a burst, from the first byte on', () => {
    const demand = demandOf({ direction, count: 4, bytes: 30 * MIB })
    limit(demand, direction, 500_000)
    demand.run(20_000)
    demand.moved.forEach((bytes, step) => {
      expect(bytes).toBeLessThanOrEqual((step * 5 * 500_000) / 1_000 + BLOCK)
    })
  })

  it('is shared equally by peers that could each use all of it', () => {
    const demand = demandOf({ direction, count: 4, bytes: 40 * MIB })
    limit(demand, direction, 1_000_000)
    demand.run(30_000)
    const shares = [0, 1, 2, 3].map(demand.movedBy)
    expect(Math.min(...shares)).toBeGreaterThan(0.95 * Math.max(...shares))
  })

  it('leaves a slow peer what it can use, and the others the rest', () => {
    const capacity = [50_000, Infinity, Infinity, 3e6]
    const demand = demandOf({ direction, count: 4, capacity, bytes: 40 * MIB })
    limit(demand, direction, 1_000_000)
    demand.run(30_000)
    expectRate(windows(demand.moved, 1_000), 1_000_000)
    const [slow, ...others] = [0, 1, 2, 3].map(demand.movedBy) as [number, ...number[]]
    expect(slow).toBeGreaterThan(0.9 * 50_000 * 30)
    expect(Math.min(...others)).toBeGreaterThan(0.95 * Math.max(...others))
  })

  it('that is lowered holds after a second', () => {
    const demand = demandOf({ direction, count: 4, bytes: 100 * MIB })
    limit(demand, direction, 20_000_000)
    demand.run(2_000)
    const before = demand.moved.at(-1)!
    limit(demand, direction, 100_000)
    demand.run(1_000)
    // What was under way, and a second's worth.
    expect(demand.moved.at(-1)! - before).toBeLessThan(0.2 * 20_000_000)
    demand.run(20_000)
    expectRate(windows(demand.moved, 3_000), 100_000)
  })

  it('that is set while all goes free holds after a second', () => {
    const demand = demandOf({ direction, count: 4, bytes: 1_500 * MIB })
    demand.run(500)
    expect(demand.moved.at(-1)).toBeGreaterThan(5_000_000)
    limit(demand, direction, 50_000)
    demand.run(21_000)
    expectRate(windows(demand.moved, 1_500), 50_000)
  })

  it('that is raised is reached at once', () => {
    const demand = demandOf({ direction, count: 4, bytes: 100 * MIB })
    limit(demand, direction, 50_000)
    demand.run(10_000)
    const before = demand.moved.at(-1)!
    limit(demand, direction, 4_000_000)
    demand.run(1_000)
    expect(demand.moved.at(-1)! - before).toBeGreaterThan(0.8 * 4_000_000)
    demand.run(12_000)
    expectRate(windows(demand.moved, 10_000), 4_000_000)
  })

  it('that is lifted stays lifted', () => {
    const demand = demandOf({ direction, count: 2, bytes: 1_200 * MIB })
    limit(demand, direction, 50_000)
    demand.run(3_000)
    limit(demand, direction, Infinity)
    demand.run(2_000)
    expect(demand.moved.at(-1)).toBeGreaterThan(10_000_000)
    expect(demand.fixture.model.allowance[direction].isLimited).toBe(false)
  })

  it('of 0 lets nothing through, and all again when it is gone', () => {
    const demand = demandOf({ direction, count: 2, bytes: 100 * MIB })
    limit(demand, direction, 1_000_000)
    demand.run(3_000)
    limit(demand, direction, 0)
    demand.run(1_000)
    const before = demand.moved.at(-1)!
    demand.run(120_000)
    expect(demand.moved.at(-1)).toBe(before)
    expect(demand.peers.map((peer) => peer.closedFor())).toEqual([undefined, undefined])
    limit(demand, direction, 1_000_000)
    demand.run(12_000)
    expect(demand.moved.at(-1)! - before).toBeGreaterThan(10_000_000)
  })

  it('is for a group of peers beside the session, and for all its groups', () => {
    const demand = demandOf({
      direction,
      count: 4,
      bytes: 40 * MIB,
      groups: [
        { name: 'first two', includes: ({ host }) => ['10.0.0.1', '10.0.0.2'].includes(host) },
        { name: 'second', includes: ({ host }) => host === '10.0.0.2' },
      ],
    })
    limit(demand, direction, 1_000_000)
    const group = (name: string, rate: number): void => {
      demand.fixture.command({ _tag: 'SetGroupLimits', group: name, down: rate, up: rate })
    }
    group('first two', 100_000)
    group('second', 20_000)
    demand.run(30_000)
    expectRate(windows(demand.moved, 1_000), 1_000_000)
    const [first, second, ...free] = [0, 1, 2, 3].map(demand.movedBy) as [number, number, ...number[]]
    expect(Math.abs(second / 30 - 20_000)).toBeLessThan(2_000)
    expect(Math.abs((first + second) / 30 - 100_000)).toBeLessThan(5_000)
    for (const bytes of free) expect(Math.abs(bytes / 30 - 450_000)).toBeLessThan(20_000)
  })

  it('of a group alone holds nobody else up', () => {
    const demand = demandOf({
      direction,
      count: 2,
      capacity: [Infinity, 2_000_000],
      bytes: 100 * MIB,
      groups: [{ name: 'first', includes: ({ host }) => host === '10.0.0.1' }],
    })
    demand.fixture.command({ _tag: 'SetGroupLimits', group: 'first', down: 50_000, up: 50_000 })
    demand.run(20_000)
    expect(Math.abs(demand.movedBy(0) / 20 - 50_000)).toBeLessThan(3_000)
    expect(demand.movedBy(1)).toBeGreaterThan(0.9 * 20 * 2_000_000)
  })
})
