import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import type { SessionState } from '../../src/operators/session/state.js'
import type { Notice } from '../../src/operators/session/notice.js'
import { createSession, type Session } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import {
  createVirtualWorld,
  type VirtualHost,
  type VirtualHostOptions,
  type VirtualWorld,
} from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'

const torrent = makeTorrent({
  pieceLength: 16_384,
  files: [150_000, 7, 0, 400_000],
  trackers: ['http://tracker.test/announce'],
})
const layout = layoutOf(torrent.metainfo)

interface Pair {
  readonly world: VirtualWorld
  readonly leech: VirtualHost
  readonly session: Session
  readonly states: SessionState[]
  readonly notices: Notice[]
  readonly sourcePort: () => number
  readonly isDone: () => boolean
  readonly end: () => void
}

const pairOf = (disk: VirtualHostOptions['disk'] = {}, seed = 1): Pair => {
  const world = createVirtualWorld({ seed, network: { latencyMs: 10, link: { up: 500_000 } } })
  const source = world.host('10.0.0.1')
  source.disk.preload(layout, torrent.content)
  const leech = world.host('10.0.0.2', { disk })
  const all = new Subscription()
  const seeding = createSession(torrent.metainfo, source.deps)
  all.add(seeding.state$.subscribe({ error: rethrow }))
  const session = createSession(torrent.metainfo, leech.deps)
  const states: SessionState[] = []
  const notices: Notice[] = []
  all.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
  all.add(session.state$.subscribe({ next: (state) => states.push(state), error: rethrow }))
  return {
    world,
    leech,
    session,
    states,
    notices,
    sourcePort: () => O.getOrElse(() => 0)(seeding.state()?.port ?? O.none),
    isDone: () => states.at(-1)?.progress.isComplete === true,
    end: () => {
      all.unsubscribe()
      world.clock.advanceBy(500)
      expect(world.clock.pending()).toBe(0)
      expect(leech.disk.openStorages()).toBe(0)
    },
  }
}

const portOf = ({ states }: Pair): number => O.getOrElse(() => 0)(states.at(-1)!.port)

const isEqual = ({ leech }: Pair): boolean => Buffer.compare(leech.disk.bytes(layout), torrent.content) === 0

/** What a state says is had must be on the disk. */
const hadPiecesAreRight = ({ leech, states }: Pair): boolean => {
  const bytes = leech.disk.bytes(layout)
  const { bitfield } = states.at(-1)!
  for (let piece = 0; piece < bitfield.pieceCount; piece++) {
    if ((bitfield.bytes[piece >> 3]! & (0x80 >> (piece & 7))) === 0) continue
    const [from, to] = [piece * layout.pieceLength, (piece + 1) * layout.pieceLength]
    if (Buffer.compare(bytes.subarray(from, to), torrent.content.subarray(from, to)) !== 0) return false
  }
  return true
}

describe('a disk that', () => {
  it.each(['open', 'hash', 'write', 'flush', 'read'] as const)(
    'fails at the n-th %s stalls the session until it works again, for every n (R71)',
    (operation) => {
      for (let nth = 1; nth <= 40; nth++) {
        const pair = pairOf({ faults: [{ operation, nth, code: nth % 2 === 0 ? 'EIO' : 'ENOSPC' }] })
        expect(pair.world.clock.run(pair.isDone, 120_000), `${operation} ${String(nth)}`).toBe(true)
        expect(isEqual(pair)).toBe(true)
        expect(pair.leech.disk.openStorages(), 'one at a time').toBe(1)
        // What fails in a save stalls nothing, and is told of it.
        const isFailure = ({ _tag }: Notice): boolean =>
          _tag === 'StorageFailed' || _tag === 'ResumeSaveFailed'
        const failures = pair.notices.filter(isFailure).length
        const hasHappened = pair.leech.disk.operations(operation) >= nth
        expect(failures > 0, `${operation} ${String(nth)}`).toBe(hasHappened)
        pair.end()
        if (!hasHappened) break
      }
    },
  )

  it('is full stops everything, and all goes on once there is room (R69)', () => {
    const pair = pairOf()
    pair.world.clock.run(() => pair.states.at(-1)!.progress.havePieces > 3, 60_000)
    pair.leech.disk.failNext('write', 'ENOSPC', Infinity)
    pair.world.clock.run(() => pair.states.at(-1)!.phase === 'stalled', 60_000)
    pair.world.clock.advanceBy(5_000)
    const { downloaded } = pair.states.at(-1)!.totals
    pair.world.clock.advanceBy(95_000)
    expect(pair.states.at(-1)!.phase).toBe('stalled')
    expect(pair.states.at(-1)!.totals.downloaded).toBe(downloaded)
    expect(hadPiecesAreRight(pair)).toBe(true)
    pair.leech.disk.failNext('write', 'ENOSPC', 0)
    expect(pair.world.clock.run(pair.isDone, 120_000)).toBe(true)
    expect(isEqual(pair)).toBe(true)
    pair.end()
  })

  it('has no room left goes on soon after some is freed, without anybody’s help', () => {
    const pair = pairOf({ capacity: 200_000 })
    expect(pair.world.clock.run(() => pair.states.at(-1)?.phase === 'stalled', 60_000)).toBe(true)
    expect(pair.states.at(-1)!.storage).toMatchObject({ error: { kind: 'disk-full', code: 'ENOSPC' } })
    pair.world.clock.advanceBy(2_000)
    pair.leech.disk.setCapacity(Infinity)
    const freedAt = pair.world.clock.now()
    expect(pair.world.clock.run(() => pair.states.at(-1)!.phase === 'downloading', 60_000)).toBe(true)
    expect(pair.world.clock.now() - freedAt).toBeLessThan(5_000)
    expect(pair.world.clock.run(pair.isDone, 120_000)).toBe(true)
    expect(isEqual(pair)).toBe(true)
    pair.end()
  })

  it('loses a file of a seed costs only what was in it: it is refused, fetched again and served', () => {
    const pair = pairOf()
    const { world, leech } = pair
    expect(world.clock.run(pair.isDone, 120_000)).toBe(true)
    const [, , , last] = layout.files
    leech.disk.remove(last!.path.join('/'))
    // Somebody who wants all of it, from the one that lost a part; the source is there for that one.
    const third = world.host('10.0.0.3')
    const all = new Subscription()
    const other = createSession(torrent.metainfo, third.deps, {
      peers: [{ host: '10.0.0.2', port: portOf(pair) }],
    })
    let isServed = false
    all.add(other.complete$.subscribe({ next: () => (isServed = true), error: rethrow }))
    pair.session.send({ _tag: 'AddPeers', peers: [{ host: '10.0.0.1', port: pair.sourcePort() }] })
    expect(world.clock.run(() => isServed, 600_000)).toBe(true)
    const gone = pair.notices.flatMap((notice) => (notice._tag === 'PiecesGone' ? notice.pieces : []))
    expect(gone.length).toBeGreaterThan(20)
    expect(pair.notices.filter(({ _tag }) => _tag === 'StorageFailed')).toEqual([])
    expect(pair.states.map(({ phase }) => phase)).not.toContain('stalled')
    expect(Buffer.compare(third.disk.bytes(layout), torrent.content)).toBe(0)
    // What nobody has asked for is found by a check.
    let isChecked = false
    all.add(pair.session.hashCheck().subscribe({ error: rethrow, complete: () => (isChecked = true) }))
    expect(world.clock.run(() => isChecked && pair.isDone(), 600_000)).toBe(true)
    expect(isEqual(pair)).toBe(true)
    all.unsubscribe()
    pair.end()
  })

  it('writes short is written to until all is there (R70)', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const pair = pairOf({ shortWriteChance: 0.3 }, seed)
      expect(pair.world.clock.run(pair.isDone, 120_000)).toBe(true)
      expect(isEqual(pair)).toBe(true)
      pair.end()
    }
  })

  it('is slow slows the download, and loses nothing', () => {
    const pair = pairOf({ latencyMs: 40, rate: 60_000 })
    expect(pair.world.clock.run(pair.isDone, 120_000)).toBe(true)
    expect(isEqual(pair)).toBe(true)
    expect(pair.states.at(-1)!.totals.wasted).toBe(0)
    pair.end()
  })

  it('loses what was not flushed when the power goes: the next run fetches it again (R73)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const pair = pairOf({ losesUnsynced: true }, seed)
      pair.world.clock.run(() => pair.states.at(-1)!.progress.havePieces > seed, 60_000)
      pair.end()
      pair.leech.disk.crash()
      const states: SessionState[] = []
      const source = createSession(torrent.metainfo, pair.world.host('10.0.0.1').deps)
      const all = source.state$.subscribe({ error: rethrow })
      const again = createSession(torrent.metainfo, pair.leech.deps)
      all.add(again.state$.subscribe({ next: (state) => states.push(state), error: rethrow }))
      const resumed: Pair = { ...pair, states }
      pair.world.clock.run(() => states.at(-1)?.phase === 'downloading', 60_000)
      expect(hadPiecesAreRight(resumed), `seed ${String(seed)}`).toBe(true)
      expect(pair.world.clock.run(() => states.at(-1)!.progress.isComplete, 120_000)).toBe(true)
      expect(isEqual(pair)).toBe(true)
      all.unsubscribe()
    }
  })

  it('fails for good lets the session be stopped all the same', () => {
    const pair = pairOf()
    pair.world.clock.run(() => pair.states.at(-1)!.progress.havePieces > 3, 60_000)
    pair.leech.disk.failNext('write', 'EIO', Infinity)
    pair.leech.disk.failNext('flush', 'EIO', Infinity)
    pair.world.clock.advanceBy(3_000)
    pair.session.send({ _tag: 'Stop' })
    pair.world.clock.advanceBy(6_000)
    expect(pair.states.at(-1)!.phase).toBe('stopped')
    pair.end()
  })
})
