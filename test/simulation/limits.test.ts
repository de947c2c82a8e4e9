import { BehaviorSubject, of } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { fairLimits } from '../../src/operators/rate/fairLimits.js'
import type { SessionState } from '../../src/operators/session/state.js'
import { createSession, type Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createSwarm, type Swarm } from '../../src/streams/virtual/swarm.js'
import { createVirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'

const BLOCK = 16_384
const STEP_MS = 100
const announce = (name: string): string => `http://${name}.test/announce`

const torrent = makeTorrent({ pieceLength: 65_536, files: [14_000_000], trackers: [announce('a')] })
const network = { latencyMs: 20, jitterMs: 10, link: { up: 4_000_000, down: 4_000_000 } }

/** What `count` says at each step of some time. */
const sample = (clock: Swarm['world']['clock'], ms: number, count: () => number): ReadonlyArray<number> =>
  Array.from({ length: ms / STEP_MS }, () => {
    clock.advanceBy(STEP_MS)
    return count()
  })

/** The bytes of every window of 10 s since some time. */
const windows = (moved: ReadonlyArray<number>, sinceMs: number): ReadonlyArray<number> => {
  const from = sinceMs / STEP_MS
  return moved.slice(from + 10_000 / STEP_MS).map((bytes, i) => bytes - moved[from + i]!)
}

const expectRate = (bytes: ReadonlyArray<number>, rate: number): void => {
  expect(bytes.length).toBeGreaterThan(50)
  expect(Math.min(...bytes)).toBeGreaterThanOrEqual(10 * rate * 0.95 - BLOCK)
  expect(Math.max(...bytes)).toBeLessThanOrEqual(10 * rate * 1.05 + BLOCK)
}

const swarmOf = (seeds: number, leechers: number, options: (member: number) => SessionOptions): Swarm =>
  createSwarm({
    seed: 5,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds,
    leechers,
    network,
    options,
  })

/** A limit that is 200 kB/s when the swarm begins, then lowered, then raised, holds all along. */
const expectFollowed = ({ world }: Swarm, limit$: BehaviorSubject<number>, moved: () => number): void => {
  expectRate(windows(sample(world.clock, 20_000, moved), 4_000), 200_000)
  limit$.next(50_000)
  expectRate(windows(sample(world.clock, 20_000, moved), 1_500), 50_000)
  limit$.next(400_000)
  expectRate(windows(sample(world.clock, 18_000, moved), 1_000), 400_000)
}

describe('a limit, in virtual time', () => {
  it.each([1, 4])('on the download from %i seeds holds in any 10 s', (seeds) => {
    const down$ = new BehaviorSubject(200_000)
    const swarm = swarmOf(seeds, 1, (member) => (member < seeds ? {} : { limits: { down: down$ } }))
    const leech = swarm.members[seeds]!
    const read = (): number => leech.state()?.totals.downloaded ?? 0
    expectFollowed(swarm, down$, read)
    swarm.end()
  })

  it.each([1, 4])('on the upload to %i leechers holds in any 10 s', (leechers) => {
    const up$ = new BehaviorSubject(200_000)
    const swarm = swarmOf(1, leechers, (member) => (member === 0 ? { limits: { up: up$ } } : {}))
    const read = (): number => swarm.members[0]!.state()?.totals.uploaded ?? 0
    expectFollowed(swarm, up$, read)
    swarm.end()
  })
})

describe('one limit for the sessions of a client', () => {
  it('is kept by them together, and shared as they need it', () => {
    const world = createVirtualWorld({ seed: 3, network })
    const limit = 200_000
    const torrents = ['b', 'c'].map((name, index) =>
      makeTorrent({ pieceLength: 65_536, files: [10_000_000 + index], trackers: [announce(name)] }),
    )
    const seeds = torrents.map(({ metainfo, content }, index) => {
      const host = world.host(`10.0.1.${String(index)}`)
      host.disk.preload(layoutOf(metainfo), content)
      return createSession(metainfo, host.deps).state$.subscribe({ error: rethrow })
    })
    const here = world.host('10.0.0.1')
    const sessions = torrents.map(({ metainfo }) => createSession(metainfo, here.deps))
    const states: (SessionState | undefined)[] = []
    const sharing = new Map<string, Session>()
    const list$ = new BehaviorSubject<ReadonlyArray<{ id: string; state$: Session['state$'] }>>([])
    const join = (index: number): void => {
      const session = sessions[index]!
      const id = String(index)
      sharing.set(id, session)
      list$.next([...list$.value, { id, state$: session.state$ }])
      session.state$.subscribe({ next: (state) => (states[index] = state), error: rethrow })
    }
    const running = fairLimits(list$, { down: of(limit) }, world.clock).subscribe({
      next: ({ id, command }) => sharing.get(id)?.send(command),
      error: rethrow,
    })
    const read = (index: number): number => states[index]?.totals.downloaded ?? 0
    const both = (): number => read(0) + read(1)

    join(0)
    expectRate(windows(sample(world.clock, 20_000, both), 4_000), limit)
    const alone = read(0)
    join(1)
    const together = sample(world.clock, 25_000, both)
    expectRate(windows(together, 3_000), limit)
    const shares = [read(0) - alone, read(1)]
    expect(Math.min(...shares)).toBeGreaterThan(0.8 * Math.max(...shares))
    sessions[1]!.send({ _tag: 'SetLimits', scope: 'session', down: 20_000, up: Infinity })
    world.clock.advanceBy(5_000)
    const before = read(0)
    world.clock.advanceBy(10_000)
    // What the other does not use: all but a tenth more than that.
    expect(read(0) - before).toBeGreaterThan(10 * (limit - 1.3 * 20_000))
    running.unsubscribe()
    seeds.forEach((seed) => {
      seed.unsubscribe()
    })
  })
})
