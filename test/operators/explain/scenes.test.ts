import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { explain } from '../../../src/operators/explain/explain.js'
import type { Reason } from '../../../src/operators/explain/reason.js'
import { createSnapshots } from '../../../src/operators/session/snapshot.js'
import type { SessionState } from '../../../src/operators/session/state.js'
import { createSession } from '../../../src/streams/session.js'
import type { SessionOptions } from '../../../src/streams/sessionOptions.js'
import { layoutOf } from '../../../src/streams/storageLayout.js'
import {
  createVirtualWorld,
  type VirtualHostOptions,
  type VirtualWorld,
} from '../../../src/streams/virtual/world.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { makeTorrent } from '../../support/makeTorrent.js'
import type { FixtureOptions, SessionFixture } from '../../support/sessionFixture.js'
import { blockOf, virtualPeer } from '../../support/virtualPeer.js'
import { rethrow } from '../../support/rethrow.js'

const folded = (
  options?: FixtureOptions,
): { fixture: SessionFixture; reasons: () => ReadonlyArray<Reason> } => {
  const fixture = checkedFixture(options)
  const take = createSnapshots()
  return { fixture, reasons: () => explain(take(fixture.model)) }
}

describe('the reason that a fold gives', () => {
  it('follows a download from nobody to done', () => {
    const { fixture, reasons } = folded({ pieces: 4 })
    expect(reasons()).toMatchObject([{ _tag: 'NoPeers', trackers: { _tag: 'NoTrackers' } }])
    const poor = fixture.peer({ has: '0000' })
    expect(reasons()).toEqual([{ _tag: 'NoPeerHasMissing', count: 4, pieces: [0, 1, 2, 3] }])
    poor.says({ _tag: 'Have', piece: 2 })
    expect(reasons()).toEqual([{ _tag: 'AllChoked', by: 'peers', peers: 1 }])
    poor.says({ _tag: 'Unchoke' })
    fixture.pass(250)
    expect(reasons()).toMatchObject([{ _tag: 'Stalled' }])
    poor.gives(1)
    fixture.pass(250)
    expect(reasons()).toEqual([])
    poor.gives(9)
    expect(reasons()).toEqual([{ _tag: 'NoPeerHasMissing', count: 3, pieces: [0, 1, 3] }])
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    while (seed.owed.length > 0) seed.gives(1)
    expect(reasons()[0]).toEqual({ _tag: 'Done' })
  })

  it('is a peer that owes blocks and went silent', () => {
    const { fixture, reasons } = folded()
    fixture.peer({ has: 'all' }).says({ _tag: 'Unchoke' })
    for (let second = 0; second < 22; second++) fixture.pass(1_000)
    expect(reasons()).toEqual([{ _tag: 'AllSnubbed', peers: 1 }])
  })

  it('is a disk that keeps up with nothing', () => {
    const { fixture, reasons } = folded({ pieces: 2, hasQuickDisk: false })
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    while (seed.owed.length > 0) seed.gives(1)
    fixture.pass(250)
    expect(reasons()).toEqual([{ _tag: 'DiskBusy', pieces: 2 }])
  })

  it('is nobody who wants anything of a seed, then those who are choked', () => {
    const { fixture, reasons } = folded({ pieces: 2, have: 'xx', policies: { choke: () => new Set() } })
    const other = fixture.peer({ has: '00' })
    expect(reasons()).toEqual([{ _tag: 'Done' }, { _tag: 'NotInterested', peers: 1 }])
    other.says({ _tag: 'Interested' })
    fixture.pass(10_250)
    expect(reasons()).toEqual([{ _tag: 'Done' }, { _tag: 'AllChoked', by: 'us', peers: 1 }])
  })

  it('is a stop, to its end', () => {
    const { fixture, reasons } = folded({ trackers: [['http://tracker.test/announce']] })
    fixture.command({ _tag: 'Stop' })
    expect(reasons()).toMatchObject([{ _tag: 'Stopped' }])
    fixture.pass(5_000)
    expect(reasons()).toEqual([{ _tag: 'Stopped', isOver: true }])
  })
})

const tracked = 'http://tracker.test/announce'
const torrent = makeTorrent({ pieceLength: 16_384, files: 40 * 16_384, trackers: [tracked] })
const untracked = makeTorrent({ pieceLength: 16_384, files: 40 * 16_384 })
const layout = layoutOf(torrent.metainfo)

interface Scene {
  readonly world: VirtualWorld
  readonly seen: ReadonlyArray<ReadonlyArray<Reason>>
  readonly last: () => SessionState
  readonly all: Subscription
}

const leech = (
  made: typeof torrent,
  options: SessionOptions = {},
  host: VirtualHostOptions = {},
  prepare: (world: VirtualWorld) => void = () => undefined,
): Scene => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 10, link: { up: 500_000 } } })
  prepare(world)
  const all = new Subscription()
  const seen: ReadonlyArray<Reason>[] = []
  const { deps, disk } = world.host('10.0.0.2', host)
  // There is something to check.
  disk.preload(layoutOf(made.metainfo), Uint8Array.of(1))
  const session = createSession(made.metainfo, deps, options)
  let last: SessionState | undefined
  all.add(session.state$.subscribe({ next: (state) => (last = state), error: rethrow }))
  all.add(session.why$.subscribe({ next: (reasons) => seen.push(reasons), error: rethrow }))
  return { world, seen, last: () => last!, all }
}

const seedOn = (world: VirtualWorld, made = torrent, options: SessionOptions = {}): Subscription => {
  const host = world.host('10.0.0.1')
  host.disk.preload(layout, made.content)
  return createSession(made.metainfo, host.deps, options).state$.subscribe({ error: rethrow })
}

const tagsOf = ({ seen }: Scene): ReadonlyArray<string> =>
  seen.flatMap((reasons) => reasons.map(({ _tag }) => _tag))

describe('why$ in virtual time', () => {
  it('tells of opening, checking, the trackers, and of their failure with the time to the next try', () => {
    const scene = leech(torrent, {}, { disk: { latencyMs: 5 } }, (world) => {
      world.tracker.fail(tracked, {
        _tag: 'TrackerFailure',
        reason: 'not registered',
        retryInSeconds: undefined,
      })
    })
    scene.world.clock.advanceBy(5_000)
    expect(tagsOf(scene).slice(0, 2)).toEqual(['Opening', 'Checking'])
    expect(scene.seen).toContainEqual([{ _tag: 'NoPeers', candidates: 0, trackers: { _tag: 'Announcing' } }])
    const [reason] = scene.seen.at(-1)!
    expect(reason).toMatchObject({
      _tag: 'NoPeers',
      trackers: { _tag: 'AllFailed', tracker: 'http://tracker.test', error: { reason: 'not registered' } },
    })
    const nextAt = (reason as { trackers: { nextAnnounceAt: { value: number } } }).trackers.nextAnnounceAt
      .value
    expect(nextAt - scene.last().at).toBeGreaterThan(8_000)
    expect(nextAt - scene.last().at).toBeLessThan(20_000)
    scene.all.unsubscribe()
  })

  it('tells of a tracker that works and knows nobody', () => {
    const scene = leech(torrent)
    scene.world.clock.advanceBy(3_000)
    expect(scene.seen.at(-1)).toMatchObject([
      { _tag: 'NoPeers', trackers: { _tag: 'Waiting', nextAnnounceAt: { _tag: 'Some' } } },
    ])
    scene.all.unsubscribe()
  })

  it('tells of dials under way', () => {
    const scene = leech(untracked, { peers: [{ host: '10.9.9.9', port: 1 }] })
    scene.world.clock.advanceBy(3_000)
    expect(tagsOf(scene)).toContain('Connecting')
    scene.all.unsubscribe()
  })

  it('tells of a full disk until there is room again', () => {
    const scene = leech(torrent, {}, { disk: { capacity: 100_000 } }, seedOn)
    scene.world.clock.advanceBy(20_000)
    expect(scene.seen.at(-1)).toMatchObject([{ _tag: 'DiskFailed', error: { kind: 'disk-full' } }])
    scene.all.unsubscribe()
  })

  it('tells of a limit, down and up', () => {
    const scene = leech(torrent, { policies: { rate: () => ({ down: 40_000, up: 10 }) } }, {}, seedOn)
    scene.world.clock.advanceBy(8_000)
    expect(scene.seen.at(-1)).toEqual([{ _tag: 'Limited', direction: 'down', limit: 40_000 }])
    scene.all.unsubscribe()
  })

  it('tells of a peer that promises and does not give', () => {
    const world = createVirtualWorld({ seed: 1 })
    const silent = virtualPeer(world, untracked, '10.0.0.7', (request) =>
      request.piece === 3 ? blockOf(untracked, request) : undefined,
    )
    const seen: string[] = []
    const all = createSession(untracked.metainfo, world.host('10.0.0.2').deps, {
      peers: [silent.address],
    }).why$.subscribe({
      next: (reasons) => seen.push(reasons.map(({ _tag }) => _tag).join()),
      error: rethrow,
    })
    world.clock.advanceBy(60_000)
    expect(seen).toContain('AllSnubbed')
    all.unsubscribe()
    silent.subscription.unsubscribe()
  })

  it('says nothing while a download runs, and Done at its end, without a word twice', () => {
    const scene = leech(torrent, {}, {}, seedOn)
    scene.world.clock.advanceBy(30_000)
    expect(scene.seen).toContainEqual([])
    expect(scene.seen.at(-1)?.[0]).toEqual({ _tag: 'Done' })
    scene.seen.forEach((reasons, i) => {
      if (i > 0) expect(reasons).not.toEqual(scene.seen[i - 1])
    })
    scene.all.unsubscribe()
  })
})
