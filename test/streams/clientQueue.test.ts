import { BehaviorSubject, type SchedulerAction, Subject, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { fifoQueue } from '../../src/operators/queue/fifoQueue.js'
import type { QueueEntry, QueuePolicy } from '../../src/operators/queue/policy.js'
import type { SessionCommand } from '../../src/operators/session/command.js'
import type { StreamPolicy } from '../../src/operators/steer/policy.js'
import { type Client, type ClientAlert, createClient } from '../../src/streams/client.js'
import type { AddOptions, ClientOptions } from '../../src/streams/client/options.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createSession } from '../../src/streams/session.js'
import { createVirtualWorld, type VirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent, type MadeTorrent } from '../support/makeTorrent.js'

const torrentOf = (seed: number, pieces = 8): MadeTorrent =>
  makeTorrent({ name: `torrent-${String(seed)}`, pieceLength: 16_384, files: pieces * 16_384, seed })

interface Lab {
  readonly world: VirtualWorld
  readonly client: Client
  readonly alerts: ClientAlert[]
  /** Puts the torrent's data on the client's disk. */
  readonly preload: (torrent: MadeTorrent) => void
  readonly add: (torrent: MadeTorrent, options?: AddOptions) => string
  /** A seed of the torrent on a machine of its own, and its address. */
  readonly seed: (torrent: MadeTorrent) => { readonly host: string; readonly port: number }
  readonly queue: (infohash: string) => unknown
  readonly phase: (infohash: string) => unknown
  readonly end: () => void
}

interface LabOptions extends Partial<ClientOptions> {
  /** Told of each timer of the client's own clock, before it is set. */
  readonly onSchedule?: (delay: number | undefined) => void
}

const lab = ({ onSchedule = () => undefined, ...options }: LabOptions): Lab => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 5, link: { up: 200_000 } } })
  const { deps, disk } = world.host('10.0.0.1')
  const client = createClient(
    {
      ...deps,
      clock: {
        ...deps.clock,
        now: () => deps.clock.now(),
        schedule: <T>(work: (this: SchedulerAction<T>, state?: T) => void, delay?: number, state?: T) => {
          onSchedule(delay)
          return deps.clock.schedule(work, delay, state)
        },
      },
      sessionDeps: () => deps,
      readTorrent: () => {
        throw new Error('there are no files here')
      },
    },
    { directory: '', ...options },
  )
  const alerts: ClientAlert[] = []
  const all = new Subscription()
  all.add(client.alert$.subscribe((alert) => alerts.push(alert)))
  let hosts = 1
  return {
    world,
    client,
    alerts,
    preload: ({ metainfo, content }) => {
      disk.preload(layoutOf(metainfo), content)
    },
    add: (torrent, addOptions) => {
      let infohash = ''
      client.add(torrent.metainfo, addOptions).subscribe((added) => {
        if (E.isRight(added)) infohash = added.right.infohash
      })
      return infohash
    },
    seed: (torrent) => {
      const host = `10.0.0.${String(++hosts)}`
      const machine = world.host(host)
      machine.disk.preload(layoutOf(torrent.metainfo), torrent.content)
      all.add(createSession(torrent.metainfo, machine.deps, { port: 7_000 }).state$.subscribe())
      return { host, port: 7_000 }
    },
    queue: (infohash) => client.state().sessions.get(infohash)?.queue,
    phase: (infohash) => client.state().sessions.get(infohash)?.phase,
    end: () => {
      client.close()
      all.unsubscribe()
      world.clock.advanceBy(60_000)
      expect(world.clock.pending()).toBe(0)
      expect(world.network.openSockets()).toBe(0)
      expect(world.network.openPorts()).toBe(0)
    },
  }
}

describe('the queue of a client', () => {
  it('lets so many run, and the next when one is done', () => {
    const { world, add, seed, queue, phase, end } = lab({ queue: fifoQueue({ downloads: 1 }) })
    const torrents = [torrentOf(1), torrentOf(2)]
    const [first, second] = torrents.map((torrent) => add(torrent, { peers: [seed(torrent)] }))
    expect([queue(first!), queue(second!)]).toEqual(['running', 'waiting'])
    world.clock.advanceBy(250)
    expect(phase(second!)).toBe('paused')
    world.clock.advanceBy(20_000)
    expect([phase(first!), phase(second!)]).toEqual(['seeding', 'seeding'])
    end()
  })

  it('does what users wish first: their pauses, and sessions beside the queue', () => {
    const { world, client, add, seed, queue, phase, end } = lab({ queue: fifoQueue({ downloads: 1 }) })
    const torrents = [1, 2, 3, 4].map((n) => torrentOf(n, 400))
    const [a, b, c, d] = torrents.map((torrent, index) =>
      add(torrent, {
        peers: [seed(torrent)],
        ...(index === 2 ? { queued: false } : index === 3 ? { desired: 'paused' as const } : {}),
      }),
    )
    world.clock.advanceBy(1_000)
    expect([a, b, c, d].map((one) => queue(one!))).toEqual(['running', 'waiting', 'none', 'none'])
    expect([a, b, c, d].map((one) => phase(one!))).toEqual(['downloading', 'paused', 'downloading', 'paused'])
    client.get(a!)?.send({ _tag: 'SetDesired', desired: 'paused' })
    client.get(d!)?.send({ _tag: 'SetDesired', desired: 'running' })
    world.clock.advanceBy(5_000)
    expect([a, b, c, d].map((one) => phase(one!))).toEqual([
      'paused',
      'downloading',
      'downloading',
      'downloading',
    ])
    client.get(a!)?.send({ _tag: 'SetDesired', desired: 'running' })
    client.setQueued(c!, true)
    world.clock.advanceBy(5_000)
    expect([a, b, c, d].map((one) => queue(one!))).toEqual(['waiting', 'running', 'waiting', 'none'])
    client.setQueued(c!, false)
    expect(queue(c!)).toBe('none')
    world.clock.advanceBy(1_000)
    expect(phase(c!)).toBe('downloading')
    end()
  })

  it('lets users resume what was paused from within, queued or not, and keeps no place for it', () => {
    const { world, client, add, queue, phase, end } = lab({ queue: fifoQueue({ downloads: 1 }) })
    const later$ = new Subject<SessionCommand>()
    const streamPolicies: ReadonlyArray<StreamPolicy> = [() => later$]
    const desired$ = new BehaviorSubject<'running' | 'paused'>('running')
    const queued = add(torrentOf(1), { streamPolicies })
    const next = add(torrentOf(2))
    const free = add(torrentOf(3), { desired: desired$ })
    world.clock.advanceBy(1_000)
    later$.next({ _tag: 'SetDesired', desired: 'paused' })
    desired$.next('paused')
    world.clock.advanceBy(1_000)
    expect([queued, next, free].map(phase)).toEqual(['paused', 'downloading', 'paused'])
    expect([queued, next, free].map(queue)).toEqual(['waiting', 'running', 'none'])
    client.get(free)?.send({ _tag: 'SetDesired', desired: 'running' })
    client.get(next)?.send({ _tag: 'SetDesired', desired: 'paused' })
    client.get(queued)?.send({ _tag: 'SetDesired', desired: 'running' })
    world.clock.advanceBy(1_000)
    expect([queued, next, free].map(phase)).toEqual(['downloading', 'paused', 'downloading'])
    end()
  })

  it('makes room when a session leaves', () => {
    const { world, client, add, queue, end } = lab({ queue: fifoQueue({ downloads: 1 }) })
    const [first, second] = [add(torrentOf(1)), add(torrentOf(2))]
    world.clock.advanceBy(1_000)
    expect(queue(second)).toBe('waiting')
    client.get(first)?.send({ _tag: 'Stop' })
    world.clock.advanceBy(5_000)
    expect(queue(first)).toBeUndefined()
    expect(queue(second)).toBe('running')
    end()
  })

  it('tells its policy what is wanted, and what was given back of what there is', () => {
    let seen: ReadonlyArray<QueueEntry> = []
    const queue: QueuePolicy = ({ sessions }) => {
      seen = sessions
      return new Set(sessions.map(({ key }) => key))
    }
    const { world, client, add, preload, seed, end } = lab({ queue })
    const whole = torrentOf(1)
    const parts = makeTorrent({ name: 'parts', pieceLength: 16_384, files: [32_768, 32_768] })
    preload(whole)
    const [first, second] = [add(whole), add(parts, { priorities: [4, 0], peers: [seed(parts)] })]
    world.clock.advanceBy(10_000)
    expect(seen).toMatchObject([
      { key: first, fraction: 1, ratio: 0 },
      { key: second, fraction: 1, ratio: 0 },
    ])
    expect(client.state().sessions.get(second)).toMatchObject({
      fraction: 0.5,
      wantedBytes: 32_768,
      wantedHaveBytes: 32_768,
    })
    end()
  })

  it('survives a policy that throws, and says so once', () => {
    const broken: QueuePolicy = () => {
      throw new Error('no idea')
    }
    const { world, alerts, add, queue, end } = lab({ queue: broken })
    const first = add(torrentOf(1))
    world.clock.advanceBy(30_000)
    expect(queue(first)).toBe('running')
    expect(alerts.filter(({ _tag }) => _tag === 'QueueFailed')).toEqual([
      { _tag: 'QueueFailed', message: 'no idea' },
    ])
    end()
  })
})

describe('what the sessions of a client share', () => {
  it('divides its limit among those who can use it', () => {
    const { world, client, add, seed, end } = lab({ limits: { down: 60_000 } })
    for (const torrent of [torrentOf(1, 400), torrentOf(2, 400)]) add(torrent, { peers: [seed(torrent)] })
    world.clock.advanceBy(10_000)
    const before = client.state().totals.downloaded
    world.clock.advanceBy(10_000)
    const moved = client.state().totals.downloaded - before
    expect(moved).toBeGreaterThan(550_000)
    expect(moved).toBeLessThan(650_000)
    for (const { downloaded } of client.state().sessions.values()) expect(downloaded).toBeGreaterThan(400_000)
    end()
  })

  it('dies of a bug with a word, and holds nothing more', () => {
    const bug = new Error('a bug')
    const { client, alerts, add, end } = lab({
      limits: { down: 60_000 },
      onSchedule: (delay) => {
        // Only the sharing of limits looks every second.
        if (delay === 1_000) throw bug
      },
    })
    add(torrentOf(1))
    expect(alerts.filter(({ _tag }) => _tag === 'ClientDied')).toEqual([{ _tag: 'ClientDied', error: bug }])
    expect(client.state().sessions.size).toBe(0)
    end()
  })

  it('gives connections to who has somebody to connect to', () => {
    const { world, client, add, end } = lab({ connections: 60 })
    const peers = Array.from({ length: 100 }, (_, index) => ({
      host: `10.1.0.${String(index)}`,
      port: 7_000,
    }))
    const told = new Map<string, number[]>()
    for (const [torrent, options] of [
      [torrentOf(1), { peers }],
      [torrentOf(2), {}],
      [torrentOf(3), {}],
    ] as const) {
      const infohash = add(torrent, options)
      const connections: number[] = []
      told.set(infohash, connections)
      client.get(infohash)?.event$.subscribe((event) => {
        if (event._tag === 'Command' && event.command._tag === 'SetConnectionLimits') {
          connections.push(event.command.connections)
        }
      })
    }
    world.clock.advanceBy(250)
    // The first is told nothing: it keeps the most that it may have.
    expect([...told.values()].map((connections) => connections.at(-1))).toEqual([undefined, 5, 5])
    end()
  })

  it('tells those that are there nothing for each that comes', () => {
    const { world, client, add, end } = lab({ connections: 60 })
    const commands: unknown[] = []
    const first = add(torrentOf(1))
    client.get(first)?.event$.subscribe((event) => {
      if (event._tag === 'Command') commands.push(event.command)
    })
    for (let n = 2; n <= 10; n++) add(torrentOf(n))
    expect(commands).toEqual([])
    world.clock.advanceBy(250)
    expect(commands).toContainEqual({ _tag: 'SetConnectionLimits', connections: 6, unchokeSlots: 7 })
    end()
  })

  it('shares the memory for pieces under way, by what is on its way, and leaves all of it to one alone', () => {
    const { world, client, add, seed, end } = lab({ memory: 20 * 16_384 })
    const told = new Map<string, number[]>()
    const addWith = (torrent: MadeTorrent, options: AddOptions): string => {
      const infohash = add(torrent, options)
      const bytes: number[] = []
      told.set(infohash, bytes)
      client.get(infohash)?.event$.subscribe((event) => {
        if (event._tag === 'Command' && event.command._tag === 'SetMemory') bytes.push(event.command.bytes)
      })
      return infohash
    }
    const [large, small] = [torrentOf(1, 400), torrentOf(2, 400)]
    const first = addWith(large, { peers: [seed(large)] })
    world.clock.advanceBy(3_000)
    const second = addWith(small, { peers: [seed(small)] })
    const idle = add(torrentOf(3))
    world.clock.advanceBy(4_000)
    const latest = [first, second].map((infohash) => told.get(infohash)?.at(-1) ?? 0)
    expect(latest[0]! + latest[1]!).toBeLessThan(22 * 16_384)
    expect(Math.min(latest[0]!, latest[1]!)).toBeGreaterThan(8 * 16_384)
    for (const infohash of [first, second]) {
      expect(client.get(infohash)?.state()?.peers[0]?.outstanding).toBeLessThan(12)
    }
    client.remove(second).subscribe()
    client.remove(idle).subscribe()
    world.clock.advanceBy(3_000)
    expect(told.get(first)?.at(-1)).toBe(20 * 16_384)
    end()
  })

  it('has a session without peers look at the clock every eight seconds, and not all at once', () => {
    const { world, client, add, end } = lab({})
    const ticks = new Map<string, number[]>()
    for (let n = 1; n <= 32; n++) {
      const infohash = add(torrentOf(n))
      const seen: number[] = []
      ticks.set(infohash, seen)
      client.get(infohash)?.event$.subscribe((event) => {
        if (event._tag === 'Tick') seen.push(event.at)
      })
    }
    world.clock.advanceBy(10_000)
    const before = world.clock.now()
    for (const seen of ticks.values()) seen.length = 0
    world.clock.advanceBy(40_000)
    for (const seen of ticks.values()) expect(seen.length).toBe(5)
    const times = [...ticks.values()].map(([at = 0]) => at - before)
    expect(new Set(times).size).toBe(32)
    end()
  })
})
