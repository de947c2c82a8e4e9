import {
  asyncScheduler,
  BehaviorSubject,
  concat,
  EMPTY,
  map,
  NEVER,
  of,
  Subject,
  throwError,
  timer,
} from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { SessionCommand } from '../../src/operators/session/command.js'
import { replay } from '../../src/operators/session/replay.js'
import { limitCommands, type LimitOptions, type PeerGroup } from '../../src/streams/limitCommands.js'
import { createVirtualClock } from '../../src/streams/virtual/clock.js'
import { createSwarm, type Swarm } from '../../src/streams/virtual/swarm.js'
import { marbles } from '../support/marbles.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { memoryDisk, runSession } from '../support/realSession.js'
import { until } from '../support/until.js'

const setLimits = (down: number, up: number): SessionCommand => ({
  _tag: 'SetLimits',
  scope: 'session',
  down,
  up,
})

const commandsNow = (
  limits: LimitOptions | undefined,
  groups: ReadonlyArray<PeerGroup> = [],
): SessionCommand[] => {
  const commands: SessionCommand[] = []
  limitCommands(limits, groups, createVirtualClock())
    .subscribe({ next: (command) => commands.push(command), error: expect.unreachable })
    .unsubscribe()
  return commands
}

describe('limitCommands', () => {
  it('says nothing without limits', () => {
    expect(commandsNow(undefined)).toEqual([])
    expect(commandsNow({}, [{ name: 'a', includes: () => true }])).toEqual([])
  })

  it('says at once what is known at once', () => {
    expect(commandsNow({ down: 10, up: new BehaviorSubject(20) }).at(-1)).toEqual(setLimits(10, 20))
    expect(commandsNow(undefined, [{ name: 'a', includes: () => true, up: 5 }])).toEqual([
      { _tag: 'SetGroupLimits', group: 'a', down: Infinity, up: 5 },
    ])
    expect(commandsNow({ down: NEVER, up: EMPTY })).toEqual([])
  })

  it('follows streams, and tells of one that fails', () => {
    marbles(({ cold, expectObservable }) => {
      const down$ = cold('a-b-#', { a: 1, b: 2 })
      const up$ = cold('  -c---d|', { c: 3, d: 4 })
      expectObservable(limitCommands({ down: down$, up: up$ }, [], asyncScheduler)).toBe('vwx-yz|', {
        v: setLimits(1, Infinity),
        w: setLimits(1, 3),
        x: setLimits(2, 3),
        y: { _tag: 'ReportFailure', policy: 'limits', message: 'failed with a value that is no Error' },
        z: setLimits(2, 4),
      })
    })
  })

  it('says nonsense a moment later, and keeps the last value', () => {
    const clock = createVirtualClock()
    const commands: SessionCommand[] = []
    limitCommands({ down: of(10, NaN), up: 20 }, [], clock).subscribe({
      next: (command) => commands.push(command),
      error: expect.unreachable,
    })
    expect(commands).toEqual([setLimits(10, Infinity), setLimits(10, 20)])
    clock.advanceBy(1)
    expect(commands.slice(2)).toEqual([setLimits(NaN, Infinity)])
  })
})

const torrent = makeTorrent({
  pieceLength: 65_536,
  files: [3_000_000],
  trackers: ['http://tracker.test/announce'],
})

const swarmOf = (options: {
  readonly limits?: LimitOptions
  readonly groups?: ReadonlyArray<PeerGroup>
}): Swarm =>
  createSwarm({
    seed: 1,
    metainfo: torrent.metainfo,
    content: torrent.content,
    seeds: 1,
    leechers: 1,
    options: (member) => (member === 1 ? options : {}),
  })

describe('limits among the options of a session', () => {
  it('hold from the first byte, change as they are told, and are in the recording', () => {
    const down$ = new Subject<number>()
    const swarm = swarmOf({ limits: { down: concat(of(0), down$) } })
    const leech = swarm.members[1]!
    swarm.world.clock.advanceBy(30_000)
    expect(leech.state()).toMatchObject({ totals: { downloaded: 0 }, limits: { down: 0, isDownHeld: true } })
    down$.next(Infinity)
    expect(swarm.runUntilComplete(10_000)).toBe(true)
    expect([...replay(leech.config()!, leech.log)].at(-1)!.state).toEqual(leech.state())
    swarm.end()
  })

  it('that make no sense are refused with a notice, and the rest goes on', () => {
    const swarm = swarmOf({
      limits: { down: of(-5), up: of('fast' as unknown as number) },
      groups: [{ name: 'all', includes: () => true, down: of(NaN) }],
    })
    expect(swarm.runUntilComplete(60_000)).toBe(true)
    expect(swarm.members[1]!.notices.filter(({ _tag }) => _tag === 'CommandRefused')).toMatchObject([
      { command: { _tag: 'SetLimits' }, why: '-5 is not a number of bytes per second' },
      { command: { _tag: 'SetLimits' }, why: 'fast is not a number of bytes per second' },
      { command: { _tag: 'SetGroupLimits' }, why: 'NaN is not a number of bytes per second' },
    ])
    swarm.end()
  })

  it('that fail are told of, and their last value stays', () => {
    const swarm = swarmOf({
      limits: {
        down: concat(
          of(100_000),
          throwError(() => new Error('no sensor')),
        ),
      },
    })
    swarm.world.clock.advanceBy(20_000)
    const { notices, state } = swarm.members[1]!
    expect(notices.filter(({ _tag }) => _tag === 'PolicyFailed')).toMatchObject([
      { policy: 'limits', message: 'no sensor' },
    ])
    expect(state()!.limits.down).toBe(100_000)
    expect(state()!.totals.downloaded).toBeLessThan(2_000_000)
    swarm.end()
  })

  it('are heard anew by each run, and let go with it', () => {
    const down$ = new BehaviorSubject(1_000)
    const swarm = swarmOf({ limits: { down: down$ } })
    expect(down$.observed).toBe(true)
    swarm.end()
    expect(down$.observed).toBe(false)
    // What is asked of a store of resume data is not taken back.
    swarm.world.clock.advanceBy(100)
    expect(swarm.world.clock.pending()).toBe(0)
  })

  it('of a group hold for its peers alone', () => {
    const swarm = swarmOf({
      groups: [
        { name: 'seed', includes: ({ host }) => host === '10.0.0.1', down: timer(0).pipe(map(() => 50_000)) },
        { name: 'nobody', includes: () => false, down: 0, up: 0 },
      ],
    })
    swarm.members[1]!.session.send({ _tag: 'SetGroupLimits', group: 'seed', down: 50_000, up: 50_000 })
    swarm.world.clock.advanceBy(20_000)
    const { downloaded } = swarm.members[1]!.state()!.totals
    expect(downloaded).toBeGreaterThan(800_000)
    expect(downloaded).toBeLessThan(1_050_000)
    swarm.end()
  })
})

describe('a limit over real sockets', () => {
  const BLOCK = 16_384
  const real = makeTorrent({ pieceLength: 65_536, files: [2_500_000] })
  const limit = 500_000

  it.each(['down', 'up'] as const)(
    '(%s) is never exceeded, and comes near to what it allows',
    async (direction) => {
      const seeder = runSession(
        real,
        memoryDisk(real, real.content),
        direction === 'up' ? { limits: { up: limit } } : {},
      )
      const port = await seeder.port()
      const begin = performance.now()
      const leech = runSession(real, memoryDisk(real), {
        peers: [{ host: '127.0.0.1', port }],
        ...(direction === 'down' ? { limits: { down: limit } } : {}),
      })
      const over: string[] = []
      leech.session.state$.subscribe({
        next: ({ totals }) => {
          const allowed = ((performance.now() - begin) * limit) / 1_000 + BLOCK
          // Sent for nothing: a second's allowance from before the leech was there.
          const saved = direction === 'up' ? 1.25 * limit : 0
          if (totals.downloaded > allowed + saved)
            over.push(`${String(totals.downloaded)} of ${String(allowed)}`)
        },
        error: expect.unreachable,
      })
      await until(() => leech.state().progress.isComplete)
      const seconds = (performance.now() - begin) / 1_000
      expect(over).toEqual([])
      // Loose: a busy machine is slower, and that is no fault of the limit.
      expect(seconds).toBeLessThan(60)
      expect(leech.state().totals.downloaded).toBe(2_500_000)
    },
  )
})
