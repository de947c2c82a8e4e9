import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { fifoQueue, seedNeed } from '../../../src/operators/queue/fifoQueue.js'
import type { QueueContext, QueueEntry, QueuePolicy } from '../../../src/operators/queue/policy.js'
import { createPrng } from '../../../src/operators/random.js'
import { anyQueue, NOW, queueEntry } from './entries.js'

const at = (...sessions: ReadonlyArray<QueueEntry>): QueueContext => ({ now: NOW, sessions })
const running = (key: string, traits: Partial<QueueEntry> = {}): QueueEntry =>
  queueEntry(key, { phase: 'downloading', activeSince: NOW - 10_000, ...traits })
const seeding = (key: string, traits: Partial<QueueEntry> = {}): QueueEntry =>
  queueEntry(key, { fraction: 1, ...traits })

const queue = fifoQueue({ downloads: 2, seeds: 2, stallMs: 60_000, turnMs: 600_000 })

describe('fifoQueue: downloads', () => {
  it('run in the order in which they were added', () => {
    const sessions = [
      queueEntry('c', { addedAt: 3 }),
      queueEntry('a', { addedAt: 1 }),
      queueEntry('b', { addedAt: 2 }),
    ]
    expect(queue(at(...sessions))).toEqual(new Set(['a', 'b']))
  })

  it('are not run against the will of their users', () => {
    const sessions = [queueEntry('a', { desired: 'paused' }), queueEntry('c')]
    expect(queue(at(...sessions))).toEqual(new Set(['c']))
  })

  it('run until they are done, whoever comes', () => {
    const sessions = [
      queueEntry('older', { addedAt: 1 }),
      running('x', { addedAt: 5 }),
      running('y', { addedAt: 6 }),
    ]
    expect(queue(at(...sessions))).toEqual(new Set(['x', 'y']))
  })

  it('take no place while nothing moves, and take it again when something does', () => {
    const dead = running('dead', { addedAt: 1, activeSince: NOW - 100_000, movedAt: NOW - 170_000 })
    const others = [
      running('x', { addedAt: 2 }),
      running('y', { addedAt: 3 }),
      queueEntry('z', { addedAt: 4 }),
    ]
    expect(queue(at(dead, ...others))).toEqual(new Set(['x', 'y', 'dead']))
    const alive = { ...dead, movedAt: NOW - 1_000 }
    expect(queue(at(alive, ...others))).toEqual(new Set(['dead', 'x']))
  })

  it('are given longer once they have shown some life', () => {
    const slow = (silentMs: number): QueueEntry =>
      running('slow', { activeSince: NOW - 900_000, movedAt: NOW - silentMs, addedAt: 1 })
    const others = [queueEntry('x', { addedAt: 2 }), queueEntry('y', { addedAt: 3 })]
    expect(queue(at(slow(299_000), ...others))).toEqual(new Set(['slow', 'x']))
    expect(queue(at(slow(300_000), ...others))).toEqual(new Set(['slow', 'x', 'y']))
  })

  it('have a minute to show some life, and as long as it takes to read their disk', () => {
    const young = running('young', { activeSince: NOW - 59_000 })
    const checking = running('checking', { phase: 'checking', activeSince: NOW - 900_000 })
    expect(queue(at(young, checking, queueEntry('next')))).toEqual(new Set(['young', 'checking']))
  })
})

describe('fifoQueue: seeds', () => {
  it('run by need', () => {
    const sessions = [
      seeding('many seeds', { seeds: 30 }),
      seeding('few seeds', { seeds: 0 }),
      seeding('gave much', { seeds: 1, ratio: 9 }),
      seeding('gave little', { seeds: 1, ratio: 0.2 }),
      seeding('had from elsewhere', { seeds: 0, ratio: Infinity }),
    ]
    expect(queue(at(...sessions))).toEqual(new Set(['few seeds', 'gave little']))
  })

  it('keep their places for a turn, and beyond it from those that are hardly needed more', () => {
    const turn = (ms: number, leechers: number) =>
      queue(
        at(
          seeding('a', { activeSince: NOW - ms, movedAt: NOW, leechers: 9 }),
          seeding('b', { activeSince: NOW - ms, movedAt: NOW, leechers: 9 }),
          seeding('c', { leechers }),
        ),
      )
    expect(turn(500_000, 1_000)).toEqual(new Set(['a', 'b']))
    expect(turn(700_000, 13)).toEqual(new Set(['a', 'b']))
    expect(turn(700_000, 20)).toEqual(new Set(['c', 'a']))
  })

  it('do not take the places of downloads, nor these theirs', () => {
    const sessions = ['a', 'b', 'c'].flatMap((key) => [queueEntry(`d${key}`), seeding(`s${key}`)])
    expect(queue(at(...sessions)).size).toBe(4)
  })
})

describe('fifoQueue', () => {
  const limits = fc.record({ downloads: fc.nat(5), seeds: fc.nat(5), total: fc.nat(30) })
  const hasStalled = (entry: QueueEntry): boolean =>
    entry.activeSince !== undefined &&
    entry.phase !== 'opening' &&
    entry.phase !== 'checking' &&
    (entry.movedAt > entry.activeSince ? NOW - entry.movedAt >= 300_000 : NOW - entry.activeSince >= 60_000)

  test.prop([anyQueue, limits])('never runs more than it may, nor leaves a place empty', (ctx, options) => {
    const chosen = fifoQueue(options)(ctx)
    const willing = ctx.sessions.filter(({ desired }) => desired === 'running')
    const alive = willing.filter((entry) => !hasStalled(entry))
    const counted = (isSeed: boolean): ReadonlyArray<QueueEntry> =>
      alive.filter(({ fraction }) => fraction >= 1 === isSeed)
    const run = (entries: ReadonlyArray<QueueEntry>): number =>
      entries.filter(({ key }) => chosen.has(key)).length
    const places =
      Math.min(options.downloads, counted(false).length) + Math.min(options.seeds, counted(true).length)
    expect(run(willing)).toBe(chosen.size)
    expect(run(counted(false))).toBeLessThanOrEqual(options.downloads)
    expect(run(counted(true))).toBeLessThanOrEqual(options.seeds)
    expect(chosen.size).toBe(Math.min(options.total, places + willing.length - alive.length))
  })

  test.prop([anyQueue, fc.nat()])(
    'goes by what the sessions are, not by the order they are told in',
    (ctx, seed) => {
      const { next } = createPrng(seed)
      const sessions = ctx.sessions
        .map((entry) => ({ entry, place: next() }))
        .sort((a, b) => a.place - b.place)
        .map(({ entry }) => entry)
      expect(queue({ ...ctx, sessions })).toEqual(queue(ctx))
      expect(queue(ctx)).toEqual(queue(ctx))
    },
  )

  test.prop([anyQueue])('is content with its own answer', (ctx) => {
    const chosen = queue(ctx)
    const obeyed = ctx.sessions.map((entry): QueueEntry => ({
      ...entry,
      activeSince: chosen.has(entry.key) ? (entry.activeSince ?? ctx.now) : undefined,
    }))
    expect(queue({ ...ctx, sessions: obeyed })).toEqual(chosen)
  })

  test.prop([fc.nat(), fc.integer({ min: 1, max: 12 }), fc.double({ min: 0, max: 0.3, noNaN: true })], {
    numRuns: 60,
  })('does not flap, however rates and swarms tremble', (seed, count, moves) => {
    const changes = [...live(queue, count, seed, moves).values()].reduce(
      (sum, times) => sum + times.length,
      0,
    )
    // A seed's turn is over 6 times an hour, and a session can seem dead 13 times: each may let one other start.
    expect(changes).toBeLessThanOrEqual(2 * (6 + 13) * count)
  })
})

/** Runs the queue for an hour over sessions that move, and are needed, as chance has it; answers when each changed. */
const live = (
  policy: QueuePolicy,
  count: number,
  seed: number,
  moves: number,
): ReadonlyMap<string, ReadonlyArray<number>> => {
  const { next, int } = createPrng(seed)
  let sessions = Array.from({ length: count }, (_, i) =>
    queueEntry(`s${String(i)}`, { addedAt: i, fraction: i % 2 === 0 ? 0.5 : 1 }),
  )
  const changes = new Map(sessions.map(({ key }): [string, number[]] => [key, []]))
  for (let now = 0; now < 3_600_000; now += 5_000) {
    const chosen = policy({ now, sessions })
    sessions = sessions.map((entry) => {
      const isActive = chosen.has(entry.key)
      if (isActive !== (entry.activeSince !== undefined)) changes.get(entry.key)!.push(now)
      return {
        ...entry,
        activeSince: isActive ? (entry.activeSince ?? now) : undefined,
        movedAt: isActive && next() < moves ? now : entry.movedAt,
        seeds: Math.max(0, entry.seeds + int(3) - 1),
        leechers: Math.max(0, entry.leechers + int(3) - 1),
      }
    })
  }
  return changes
}

describe('seedNeed', () => {
  it('grows with downloaders, and falls with seeds and with what was given', () => {
    const need = (traits: Partial<QueueEntry>): number => seedNeed(seeding('s', traits))
    expect(need({ leechers: 9 })).toBeGreaterThan(need({ leechers: 8 }))
    expect(need({ seeds: 9 })).toBeLessThan(need({ seeds: 8 }))
    expect(need({ ratio: 2 })).toBeLessThan(need({ ratio: 1 }))
    expect(need({ ratio: Infinity })).toBe(0)
  })
})
