import { BehaviorSubject, of, Subject, Subscription, throwError } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import type { PeerAddress } from '../../src/codecs/peerAddress.js'
import type { Notice } from '../../src/operators/session/notice.js'
import { replay } from '../../src/operators/session/replay.js'
import type { SessionConfig } from '../../src/operators/session/model.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import type { CheckProgress, DesiredState, SessionState } from '../../src/operators/session/state.js'
import { compactCandidates } from '../../src/operators/view/compactCandidates.js'
import { createSession, type Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld, type VirtualHost, type VirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'

const TRACKER = 'http://tracker.test/announce'
const OTHER = 'http://other.test/announce'
const torrent = makeTorrent({ pieceLength: 16_384, files: [60 * 16_384, 40 * 16_384], trackers: [TRACKER] })
const layout = layoutOf(torrent.metainfo)

interface Scene {
  readonly world: VirtualWorld
  readonly host: VirtualHost
  readonly session: Session
  readonly states: SessionState[]
  readonly notices: Notice[]
  readonly state: () => SessionState
  readonly all: Subscription
}

/** One session that runs, alone or with a seed. */
const scene = (options: SessionOptions = {}, role: 'seed' | 'leech' | 'alone' = 'alone'): Scene => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 10, link: { up: 200_000 } } })
  const host = world.host('10.0.0.2')
  const all = new Subscription()
  if (role === 'seed') host.disk.preload(layout, torrent.content)
  if (role === 'leech') {
    const source = world.host('10.0.0.1')
    source.disk.preload(layout, torrent.content)
    all.add(createSession(torrent.metainfo, source.deps).state$.subscribe({ error: rethrow }))
  }
  const session = createSession(torrent.metainfo, host.deps, options)
  const states: SessionState[] = []
  const notices: Notice[] = []
  all.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
  all.add(session.state$.subscribe({ next: (state) => states.push(state), error: rethrow }))
  return { world, host, session, states, notices, all, state: () => states.at(-1)! }
}
const events = ({ world }: Scene, url?: string): ReadonlyArray<string | undefined> =>
  world.tracker
    .announces()
    .filter((announce) => url === undefined || announce.url === url)
    .map(({ request }) => request.event)

describe('options that are streams', () => {
  it('count from the first event on: what is paused from the start dials and announces nothing', () => {
    const desired$ = new BehaviorSubject<DesiredState>('paused')
    const running = scene({ desired: desired$, peers: [{ host: '10.0.0.1', port: 1 }] }, 'leech')
    running.world.clock.advanceBy(10_000)
    expect(running.state().phase).toBe('paused')
    expect(events(running)).toEqual(['started'])
    expect(running.notices.filter(({ _tag }) => _tag === 'PeerConnected' || _tag === 'PeerClosed')).toEqual(
      [],
    )
    desired$.next('running')
    running.world.clock.run(() => running.state().progress.isComplete, 120_000)
    desired$.next('stopped')
    running.world.clock.advanceBy(5_000)
    expect(running.state().phase).toBe('stopped')
    running.all.unsubscribe()
    expect(desired$.observed).toBe(false)
  })

  it('may fail: that is told, and what was said last stays', () => {
    const desired$ = new Subject<DesiredState>()
    const running = scene({ desired: desired$ })
    running.world.clock.advanceBy(2_000)
    desired$.next('paused')
    desired$.error(new Error('no more'))
    running.world.clock.advanceBy(2_000)
    expect(running.state().phase).toBe('paused')
    expect(running.notices).toContainEqual(
      expect.objectContaining({ _tag: 'OptionFailed', option: 'desired', message: 'no more' }),
    )
    running.all.unsubscribe()
    const failing = scene({ blockLength: throwError(() => 'a word') })
    failing.world.clock.advanceBy(2_000)
    expect(failing.state().phase).toBe('downloading')
    failing.all.unsubscribe()
  })

  it('that say nonsense are refused one by one', () => {
    const running = scene({ blockLength: of(4_096, 1_000) })
    running.world.clock.advanceBy(1_000)
    expect(running.notices.filter(({ _tag }) => _tag === 'CommandRefused')).toHaveLength(1)
    running.all.unsubscribe()
  })

  it('are left when the session ends', () => {
    const desired$ = new Subject<DesiredState>()
    const running = scene({ desired: desired$ })
    expect(desired$.observed).toBe(true)
    running.session.send({ _tag: 'Stop' })
    running.world.clock.advanceBy(5_000)
    expect(desired$.observed).toBe(false)
  })
})

describe('createSession', () => {
  it.each([
    { blockLength: 1_000 },
    { blockLength: 32_768 },
    { limits: { down: -1 } },
    { limits: { up: Number.NaN } },
    { groups: [{ name: 'all', includes: () => true, up: -1 }] },
    { port: 70_000 },
    { connections: 0 },
    { connections: 1.5 },
    { unchokeSlots: -1 },
    { desired: 'asleep' as DesiredState },
  ])('refuses %o', (options) => {
    const { host } = scene()
    expect(() => createSession(torrent.metainfo, host.deps, options)).toThrow(TypeError)
  })

  it('asks by the block length that it is given', () => {
    const running = scene({ blockLength: 2_048 }, 'leech')
    const lengths = new Set<number>()
    running.all.add(
      running.session.event$.subscribe({
        next: (event) => {
          if (event._tag !== 'PeerBatch') return
          for (const message of event.messages)
            if (message._tag === 'Piece') lengths.add(message.payload.length)
        },
        error: rethrow,
      }),
    )
    expect(running.world.clock.run(() => running.state().progress.isComplete, 120_000)).toBe(true)
    expect([...lengths]).toEqual([2_048])
    running.all.unsubscribe()
  })

  it('keeps to the connections that it is given', () => {
    const running = scene({ connections: 1, unchokeSlots: 0 }, 'seed')
    running.world.clock.advanceBy(2_000)
    const port = O.getOrElse(() => 0)(running.state().port)
    for (let i = 0; i < 5; i++) {
      const { deps } = running.world.host(`10.1.0.${String(i)}`)
      const peers = [{ host: '10.0.0.2', port }]
      running.all.add(createSession(torrent.metainfo, deps, { peers }).state$.subscribe({ error: rethrow }))
    }
    running.world.clock.advanceBy(20_000)
    // One, and one more of those that come by themselves.
    expect(running.state().peers).toHaveLength(2)
    expect(running.state().peers.every(({ amChoking, peerInterested }) => amChoking && peerInterested)).toBe(
      true,
    )
    expect(running.state().totals.uploaded).toBe(0)
    running.all.unsubscribe()
  })

  it('that is to be stopped is over before it began', () => {
    const { world, host } = scene()
    const phases: string[] = []
    createSession(torrent.metainfo, host.deps, { desired: 'stopped' }).state$.subscribe({
      next: ({ phase }) => phases.push(phase),
      error: rethrow,
      complete: () => phases.push('over'),
    })
    world.clock.advanceBy(1_000)
    expect(phases).toEqual(['stopped', 'over'])
  })

  it('refuses peers that are no addresses', () => {
    const running = scene()
    running.session.addPeers([undefined as unknown as PeerAddress])
    running.session.send({ _tag: 'AddPeers', peers: 'peers' as unknown as [] })
    running.world.clock.advanceBy(500)
    expect(running.notices.filter(({ _tag }) => _tag === 'CommandRefused')).toHaveLength(2)
    running.all.unsubscribe()
  })
})

describe('state$', () => {
  it('misses nothing for who sends a command from its first value', () => {
    const running = scene()
    running.world.clock.advanceBy(2_000)
    const seen: string[] = []
    running.all.add(
      running.session.phase$.subscribe({
        next: (phase) => {
          seen.push(phase)
          if (seen.length === 1) running.session.send({ _tag: 'SetDesired', desired: 'paused' })
        },
        error: rethrow,
      }),
    )
    expect(seen).toEqual(['downloading', 'paused'])
    running.all.unsubscribe()
  })

  it('is there without streams too', () => {
    const running = scene()
    expect(running.session.state()).toBe(running.states.at(-1))
    running.world.clock.advanceBy(2_000)
    expect(running.session.state()).toBe(running.state())
    expect(running.session.state()?.phase).toBe('downloading')
    running.all.unsubscribe()
    expect(running.session.state()).toBeUndefined()
  })

  it('has parts that are told when they change', () => {
    const running = scene({}, 'leech')
    const totals: number[] = []
    const phases: string[] = []
    running.all.add(
      running.session.totals$.subscribe({ next: (t) => totals.push(t.downloaded), error: rethrow }),
    )
    running.all.add(running.session.phase$.subscribe({ next: (phase) => phases.push(phase), error: rethrow }))
    running.world.clock.run(() => running.state().progress.isComplete, 120_000)
    expect(totals.at(-1)).toBe(torrent.content.length)
    expect(phases).toEqual(['opening', 'downloading', 'seeding'])
    running.all.unsubscribe()
  })
})

describe('addPeers', () => {
  it('takes addresses, and compact ones of either family, and they can be read back', () => {
    const running = scene({ desired: 'paused' })
    const { session } = running
    running.world.clock.advanceBy(1_000)
    expect(
      session.addPeers([
        { host: '10.1.1.1', port: 1 },
        { host: 'peer.test', port: 2 },
      ]),
    ).toEqual(E.right(2))
    expect(session.addPeers(Uint8Array.of(10, 1, 1, 2, 0x1a, 0xe1))).toEqual(E.right(1))
    const v6 = new Uint8Array(18)
    v6.set([0x20, 1, 0xd, 0xb8], 0)
    v6[17] = 9
    expect(session.addPeers(v6, 6)).toEqual(E.right(1))
    running.world.clock.advanceBy(500)
    expect(running.state().candidates).toEqual([
      { host: '10.1.1.1', port: 1, source: 'manual', failures: 0 },
      { host: 'peer.test', port: 2, source: 'manual', failures: 0 },
      { host: '10.1.1.2', port: 6_881, source: 'manual', failures: 0 },
      { host: '2001:db8::', port: 9, source: 'manual', failures: 0 },
    ])
    const compact = compactCandidates(running.state())
    expect([...compact.v4]).toEqual([10, 1, 1, 1, 0, 1, 10, 1, 1, 2, 0x1a, 0xe1])
    expect(compact.v6).toEqual(v6)
    running.all.unsubscribe()
  })

  it('answers what is wrong with bytes that are no addresses', () => {
    const running = scene()
    expect(E.isLeft(running.session.addPeers(new Uint8Array(7)))).toBe(true)
    expect(E.isLeft(running.session.addPeers(new Uint8Array(12), 6))).toBe(true)
    running.all.unsubscribe()
  })

  it('shows the same list of candidates as long as nothing changes', () => {
    const running = scene({ desired: 'paused', peers: [{ host: '10.1.1.1', port: 1 }] })
    const lists = new Set<unknown>()
    running.world.clock.advanceBy(2_000)
    running.all.add(
      running.session.candidates$.subscribe({ next: (list) => lists.add(list), error: rethrow }),
    )
    running.world.clock.advanceBy(5_000)
    running.session.addPeers([{ host: '10.1.1.1', port: 1 }])
    running.world.clock.advanceBy(5_000)
    expect(lists.size).toBe(1)
    running.session.addPeers([{ host: '10.1.1.2', port: 1 }])
    running.world.clock.advanceBy(5_000)
    expect(lists.size).toBe(2)
    const [before, after] = [...lists] as ReadonlyArray<ReadonlyArray<unknown>>
    expect(after![0]).toBe(before![0])
    running.all.unsubscribe()
  })
})

describe('trackers', () => {
  it('come and go while the session runs, and hear of it', () => {
    const running = scene()
    running.world.clock.advanceBy(2_000)
    running.session.send({ _tag: 'AddTrackers', urls: [OTHER] })
    running.world.clock.advanceBy(1_000)
    expect(running.state().trackers.map(({ tier, url }) => [tier, url])).toEqual([
      [0, TRACKER],
      [1, OTHER],
    ])
    running.session.send({ _tag: 'RemoveTracker', url: TRACKER })
    running.world.clock.advanceBy(1_000)
    expect(running.state().trackers).toMatchObject([{ tier: 1, url: OTHER, status: 'working' }])
    expect(events(running, TRACKER)).toEqual(['started', 'stopped'])
    expect(events(running, OTHER)).toEqual(['started'])
    running.session.send({ _tag: 'RemoveTracker', url: TRACKER })
    running.session.send({ _tag: 'AddTrackers', urls: [] })
    running.world.clock.advanceBy(1_000)
    expect(running.notices.filter(({ _tag }) => _tag === 'CommandRefused')).toHaveLength(2)
    running.all.unsubscribe()
  })
})

describe('hashCheck', () => {
  it('tells how far it is, completes, and the session goes by what it found', () => {
    const running = scene({}, 'seed')
    running.world.clock.advanceBy(3_000)
    expect(running.state().phase).toBe('seeding')
    running.host.disk.remove(layout.files[1]!.path.join('/'))
    const told: CheckProgress[] = []
    let isOver = false
    running.session.hashCheck().subscribe({
      next: (progress) => told.push(progress),
      error: rethrow,
      complete: () => (isOver = true),
    })
    expect(running.state().phase).toBe('checking')
    running.world.clock.run(() => isOver, 60_000)
    expect(told.at(-1)).toEqual({ pieceCount: 100, checkedPieces: 100, havePieces: 60, isDone: true })
    expect(told.map(({ checkedPieces }) => checkedPieces)).toEqual(
      told.map(({ checkedPieces }) => checkedPieces).sort((a, b) => a - b),
    )
    running.world.clock.advanceBy(500)
    expect(running.state().phase).toBe('downloading')
    expect(running.state().progress.havePieces).toBe(60)
    expect(running.notices.filter(({ _tag }) => _tag === 'PiecesGone')).toHaveLength(1)
    running.all.unsubscribe()
  })

  it('is cold, and cancelled by unsubscribing: then nothing has changed', () => {
    const running = scene({}, 'seed')
    running.world.clock.advanceBy(3_000)
    const before = running.state()
    running.host.disk.remove(layout.files[1]!.path.join('/'))
    const check$ = running.session.hashCheck()
    running.world.clock.advanceBy(1_000)
    expect(running.state().phase).toBe('seeding')
    const checking = check$.subscribe({ error: rethrow })
    expect(running.state().phase).toBe('checking')
    checking.unsubscribe()
    running.world.clock.advanceBy(5_000)
    expect(running.state().phase).toBe('seeding')
    expect(running.state().bitfield).toBe(before.bitfield)
    running.all.unsubscribe()
  })

  it('ends with the session, runs one that nobody ran, and is nothing for one that has stopped', () => {
    const running = scene({}, 'seed')
    running.world.clock.advanceBy(3_000)
    const told: string[] = []
    const watch = (name: string): Subscription =>
      running.session.hashCheck().subscribe({
        next: ({ isDone }) => told.push(`${name} ${String(isDone)}`),
        error: rethrow,
        complete: () => told.push(`${name} over`),
      })
    watch('first')
    running.session.send({ _tag: 'Stop' })
    running.world.clock.advanceBy(5_000)
    expect(told).toEqual(['first over'])
    watch('second')
    expect(told).toEqual(['first over', 'second over'])

    const alone = createSession(torrent.metainfo, running.host.deps)
    let done = 0
    alone.hashCheck().subscribe({ next: ({ havePieces }) => (done = havePieces), error: rethrow })
    running.world.clock.advanceBy(5_000)
    expect(done).toBe(100)
    expect(running.host.disk.openStorages(), 'and ends it').toBe(0)
  })
})

describe('the ids of what a session asks itself', () => {
  it('are none that a user has', () => {
    const running = scene({ recheck: true }, 'seed')
    const ids: number[] = []
    running.all.add(
      running.session.event$.subscribe({
        next: (event) => {
          if (event._tag === 'Command' && 'id' in event.command) ids.push(event.command.id)
        },
        error: rethrow,
      }),
    )
    running.world.clock.advanceBy(3_000)
    running.host.disk.remove(layout.files[1]!.path.join('/'))
    const asked = running.session.hashCheck().subscribe({ error: rethrow })
    running.world.clock.advanceBy(3_000)
    asked.add(running.session.file(1).read().chunk$.subscribe({ error: rethrow }))
    asked.add(running.session.rename(0, ['data', 'new']).subscribe({ error: rethrow }))
    asked.add(running.session.move('there').subscribe({ error: rethrow }))
    asked.unsubscribe()
    expect(ids.length).toBeGreaterThanOrEqual(5)
    expect(ids.filter((id) => id >= 0)).toEqual([])
    running.all.unsubscribe()
  })

  it('leave a check alone that a user has asked for under an id', () => {
    const running = scene({}, 'seed')
    running.world.clock.advanceBy(3_000)
    running.session.send({ _tag: 'Recheck', id: 0 })
    running.session.hashCheck().subscribe({ error: rethrow }).unsubscribe()
    expect(running.state().phase).toBe('checking')
    running.all.unsubscribe()
  })
})

describe('a recording', () => {
  it('of all that a session was told replays to the same states', () => {
    const desired$ = new Subject<DesiredState>()
    const { session, world, all } = scene({ desired: desired$, blockLength: 8_192 }, 'leech')
    // It is begun anew, so that the log has its first event.
    all.unsubscribe()
    const log: SessionEvent[] = []
    const states: SessionState[] = []
    let config: SessionConfig | undefined
    const recording = session.event$.subscribe({ next: (event) => log.push(event), error: rethrow })
    recording.add(session.config$.subscribe({ next: (given) => (config = given), error: rethrow }))
    recording.add(session.state$.subscribe({ next: (state) => states.push(state), error: rethrow }))
    world.clock.advanceBy(2_000)
    desired$.next('paused')
    world.clock.advanceBy(4_000)
    session.send({ _tag: 'Recheck', id: 7 })
    session.send({ _tag: 'AddTrackers', urls: [OTHER] })
    world.clock.advanceBy(4_000)
    desired$.next('running')
    session.send({ _tag: 'SetBlockLength', blockLength: 4_096 })
    session.send({ _tag: 'SetConnectionLimits', connections: 5, unchokeSlots: 2 })
    session.send({ _tag: 'RemoveTracker', url: TRACKER })
    world.clock.advanceBy(20_000)
    const last = states.at(-1)!
    recording.unsubscribe()
    let replayed: SessionState | undefined
    for (const { state } of replay(config!, log)) replayed = state
    expect(replayed).toEqual({ ...last, at: replayed!.at })
    expect(new Set(states.map(({ phase }) => phase))).toContain('paused')
  })
})
