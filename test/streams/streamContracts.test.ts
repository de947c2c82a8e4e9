import { type Observable, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createSession, type Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld, type VirtualWorld } from '../../src/streams/virtual/world.js'
import type { SessionDeps } from '../../src/streams/deps.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { contractsOf, type StreamContract } from '../support/streamContracts.js'
import { rethrow } from '../support/rethrow.js'

const contracts = contractsOf('A session')
const linesWhere = (holds: (contract: StreamContract) => boolean): ReadonlyArray<[string, StreamContract]> =>
  contracts.filter(holds).map((contract) => [contract.stream, contract])

const torrent = makeTorrent({
  pieceLength: 16_384,
  files: 60 * 16_384,
  trackers: ['http://tracker.test/announce'],
})

interface Live {
  readonly world: VirtualWorld
  readonly session: Session
  readonly all: Subscription
  /** The stream's name leads to the stream. */
  readonly stream: (name: string) => Observable<unknown>
  /** What a subscriber of now hears. */
  readonly listen: (name: string) => Heard
}

interface Heard {
  readonly values: unknown[]
  readonly times: number[]
  readonly errors: unknown[]
  readonly isOver: () => boolean
}

/** A leecher that downloads from a seed; nobody has subscribed to it yet. */
const live = (options: SessionOptions = {}, broken: Partial<SessionDeps> = {}): Live => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 7, link: { up: 120_000 } } })
  const source = world.host('10.0.0.1')
  source.disk.preload(layoutOf(torrent.metainfo), torrent.content)
  const all = createSession(torrent.metainfo, source.deps).state$.subscribe({ error: rethrow })
  const { deps } = world.host('10.0.0.2', { disk: { latencyMs: 3 } })
  const session = createSession(torrent.metainfo, { ...deps, ...broken }, options)
  const streams = session as unknown as Readonly<Record<string, Observable<unknown>>>
  const stream = (name: string): Observable<unknown> => streams[name]!
  const listen = (name: string): Heard => {
    const heard: Heard & { over: boolean } = {
      values: [],
      times: [],
      errors: [],
      over: false,
      isOver: () => heard.over,
    }
    all.add(
      stream(name).subscribe({
        next: (value) => {
          heard.values.push(value)
          heard.times.push(world.clock.now())
        },
        error: (error: unknown) => heard.errors.push(error),
        complete: () => (heard.over = true),
      }),
    )
    return heard
  }
  return { world, session, all, stream, listen }
}

const keys = Object.keys(live().session).filter((name) => name.endsWith('$'))

describe('docs/streams.md', () => {
  it('has a line for every stream of a session, and none besides', () => {
    expect(contracts.map(({ stream }) => stream).sort()).toEqual([...keys].sort())
  })
})

describe('a late subscriber gets', () => {
  it.each(linesWhere(({ late }) => late === 'the latest'))('the latest of %s, synchronously', (name) => {
    const { world, all, listen } = live()
    const keeping = listen('state$')
    const early = listen(name)
    world.clock.advanceBy(60_000)
    expect(early.values.length).toBeGreaterThan(0)
    const late = listen(name)
    expect(late.values).toHaveLength(1)
    expect(keeping.isOver()).toBe(false)
    // What is derived anew for each subscriber is equal; all else is the very value.
    if (name === 'why$') expect(late.values[0]).toEqual(early.values.at(-1))
    else expect(late.values[0]).toBe(early.values.at(-1))
    all.unsubscribe()
  })

  it.each(linesWhere(({ late }) => late === 'nothing'))('nothing of what %s told before', (name) => {
    const { world, all, listen } = live()
    const early = listen(name)
    world.clock.advanceBy(60_000)
    expect(early.values.length).toBeGreaterThan(0)
    expect(listen(name).values).toEqual([])
    all.unsubscribe()
  })

  it.each(linesWhere(({ value }) => value !== 'an event' && value !== 'once a session'))(
    'a first value of %s as it starts the session',
    (name) => {
      const { all, listen } = live()
      expect(listen(name).values).toHaveLength(1)
      all.unsubscribe()
    },
  )
})

describe('a value', () => {
  it.each(linesWhere(({ value }) => value === 'a part' || value === 'the whole' || value === 'derived'))(
    'of %s is another one each time',
    (name, { value }) => {
      const { world, all, session, listen } = live()
      const states = listen('state$')
      const heard = listen(name)
      world.clock.advanceBy(20_000)
      heard.values.forEach((next, i) => {
        if (i > 0) expect(next).not.toBe(heard.values[i - 1])
      })
      if (value === 'a part') {
        const field = name.slice(0, -1) as keyof NonNullable<ReturnType<Session['state']>>
        const parts = states.values.map((state) => (state as Record<string, unknown>)[field])
        expect(heard.values).toEqual(parts.filter((part, i) => part !== parts[i - 1]))
        expect(heard.values.at(-1)).toBe(session.state()?.[field])
      }
      all.unsubscribe()
    },
  )

  it('never changes once it is emitted', () => {
    const { world, all, session } = live()
    const kept: [unknown, unknown][] = []
    all.add(
      session.state$.subscribe({
        next: (state) => kept.push([state, structuredClone(state)]),
        error: rethrow,
      }),
    )
    world.clock.advanceBy(30_000)
    expect(kept.length).toBeGreaterThan(20)
    for (const [state, copy] of kept) expect(structuredClone(state)).toEqual(copy)
    all.unsubscribe()
  })

  it.each(linesWhere(({ value }) => value.startsWith('once')))('of %s comes once', (name) => {
    const { world, all, listen } = live()
    const keeping = listen('state$')
    const heard = listen(name)
    world.clock.advanceBy(60_000)
    expect(heard.values).toHaveLength(1)
    expect(keeping.errors).toEqual([])
    all.unsubscribe()
  })
})

describe('emission', () => {
  it.each(linesWhere(({ emitted }) => emitted.includes('urgently')))(
    'of %s keeps to the tick, but for a change of phase, port or completeness',
    (name) => {
      const { world, all, listen } = live()
      const start = world.clock.now()
      const states = listen('state$')
      const heard = listen(name)
      world.clock.advanceBy(30_000)
      const urgent = new Set<number>([start])
      type Told = { phase: string; port: unknown; progress: { isComplete: boolean } }
      states.values.forEach((value, i) => {
        const [now, before] = [value, states.values[i - 1]] as [Told, Told | undefined]
        const isUrgent =
          now.phase !== before?.phase ||
          now.port !== before.port ||
          now.progress.isComplete !== before.progress.isComplete
        if (isUrgent) urgent.add(states.times[i]!)
      })
      for (const time of heard.times) {
        expect((time - start) % 250 === 0 || urgent.has(time), `at ${String(time)}`).toBe(true)
      }
      expect(urgent.size).toBeLessThan(9)
      all.unsubscribe()
    },
  )

  it.each(linesWhere(({ value }) => value === 'an event'))('of %s is at once, in order', (name) => {
    const { world, all, listen } = live()
    const alerts = listen('alert$')
    const heard = listen(name)
    world.clock.advanceBy(30_000)
    const ats = (name === 'piece$' ? alerts.values.filter(isPieceDone) : heard.values) as readonly {
      at: number
    }[]
    expect(ats.map(({ at }) => at)).toEqual(heard.times)
    expect(heard.times.some((time) => (time - heard.times[0]!) % 250 !== 0)).toBe(true)
    all.unsubscribe()
  })
})

const isPieceDone = (value: unknown): boolean => (value as { _tag: string })._tag === 'PieceDone'

describe('completion', () => {
  it.each(linesWhere(() => true))('of %s', (name, { completes, late }) => {
    const { world, all, session, listen } = live()
    const keeping = listen('state$')
    const heard = listen(name)
    world.clock.advanceBy(30_000)
    expect(heard.isOver()).toBe(completes.startsWith('with its value'))
    session.send({ _tag: 'Stop' })
    world.clock.advanceBy(6_000)
    expect(heard.isOver()).toBe(true)
    expect([...heard.errors, ...keeping.errors]).toEqual([])
    // Who comes after the end.
    const after = listen(name)
    expect(after.values).toHaveLength(late === 'the latest' ? 1 : 0)
    expect(after.isOver()).toBe(true)
    all.unsubscribe()
    expect(world.network.openSockets()).toBe(0)
  })

  it('of complete$ comes without a value when the session stops before', () => {
    const { world, all, session, listen } = live()
    const heard = listen('complete$')
    world.clock.advanceBy(1_000)
    session.send({ _tag: 'Stop' })
    world.clock.advanceBy(6_000)
    expect(heard.values).toEqual([])
    expect(heard.isOver()).toBe(true)
    all.unsubscribe()
  })
})

describe('an error', () => {
  const broken: Partial<SessionDeps> = {
    hasher: {
      sha1: () => {
        throw new Error('boom')
      },
    },
  }
  it.each(linesWhere(() => true))('of %s is a bug, and told to all', (name) => {
    const { world, all, listen } = live({}, broken)
    const heard = listen(name)
    world.clock.advanceBy(30_000)
    expect(heard.errors).toMatchObject([{ message: 'boom' }])
    all.unsubscribe()
  })

  it.each(linesWhere(() => true))('of %s is nothing that disks, trackers and peers do', (name) => {
    const world = createVirtualWorld({ seed: 1 })
    world.tracker.fail('http://tracker.test/announce', { _tag: 'TrackerTimeout' })
    const { deps } = world.host('10.0.0.2', { disk: { capacity: 0 } })
    const session = createSession(torrent.metainfo, deps, { peers: [{ host: '10.9.9.9', port: 9 }] })
    const stream$ = (session as unknown as Readonly<Record<string, Observable<unknown>>>)[name]!
    const keeping = stream$.subscribe({ error: rethrow })
    world.clock.advanceBy(120_000)
    keeping.unsubscribe()
    expect(world.clock.pending()).toBe(0)
  })
})

describe('state()', () => {
  it('is the latest of state$, and undefined before and after a run', () => {
    const { world, all, session, listen } = live()
    expect(session.state()).toBeUndefined()
    const heard = listen('state$')
    world.clock.advanceBy(5_000)
    expect(session.state()).toBe(heard.values.at(-1))
    all.unsubscribe()
    expect(session.state()).toBeUndefined()
  })

  it('stays after a stop', () => {
    const { world, all, session, listen } = live()
    const heard = listen('state$')
    world.clock.advanceBy(5_000)
    session.send({ _tag: 'Stop' })
    world.clock.advanceBy(6_000)
    expect(heard.isOver()).toBe(true)
    expect(session.state()?.phase).toBe('stopped')
    all.unsubscribe()
  })
})
