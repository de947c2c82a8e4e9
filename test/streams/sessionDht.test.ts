import { of, Subject, Subscription, takeUntil } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { decodeReserved } from '../../src/codecs/handshake.js'
import type { DhtScrape } from '../../src/operators/dht/notice.js'
import type { SessionEvent } from '../../src/operators/session/event.js'
import type { Notice } from '../../src/operators/session/notice.js'
import type { SessionState } from '../../src/operators/session/state.js'
import { createClient } from '../../src/streams/client.js'
import { createDht, type Dht } from '../../src/streams/dht/dht.js'
import { createSession, type Session } from '../../src/streams/session.js'
import type { SessionOptions } from '../../src/streams/sessionOptions.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import type { SentDatagram } from '../../src/streams/virtual/datagrams.js'
import { createVirtualWorld, type VirtualHost, type VirtualWorld } from '../../src/streams/virtual/world.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { rethrow } from '../support/rethrow.js'

const HOSTS = ['20.1.1.1', '20.2.1.1', '20.3.1.1', '20.4.1.1']

interface Running {
  readonly host: VirtualHost
  readonly dht: Dht
  readonly session: Session
  readonly log: SessionEvent[]
  readonly state: () => SessionState | undefined
}

interface Scene {
  readonly world: VirtualWorld
  readonly sent: SentDatagram[]
  readonly seeder: Running
  readonly leecher: Running
  readonly end: () => void
}

const nodeAt = (host: VirtualHost): Dht =>
  createDht(
    { datagrams: host.datagrams, clock: host.deps.clock, random: host.deps.random },
    {
      addresses: [{ family: 4, port: 6_881 }],
      bootstrap: host.address === HOSTS[0] ? [] : [{ host: HOSTS[0]!, port: 6_881 }],
    },
  )

/** Two nodes that are always there, and a seeder and a leecher of a torrent without trackers. */
const scene = (isPrivate = false, options: (dht: Dht) => SessionOptions = (dht) => ({ dht })): Scene => {
  const torrent = makeTorrent({ pieceLength: 16_384, files: 20 * 16_384, isPrivate })
  const world = createVirtualWorld({ seed: 5, network: { latencyMs: 20 } })
  const sent: SentDatagram[] = []
  const all = new Subscription()
  all.add(world.datagrams.sent$.subscribe({ next: (datagram) => sent.push(datagram), error: rethrow }))
  for (const address of HOSTS.slice(0, 2))
    all.add(nodeAt(world.host(address)).state$.subscribe({ error: rethrow }))
  const run = (address: string, isSeed: boolean): Running => {
    const host = world.host(address)
    if (isSeed) host.disk.preload(layoutOf(torrent.metainfo), torrent.content)
    const dht = nodeAt(host)
    const session = createSession(torrent.metainfo, host.deps, options(dht))
    const log: SessionEvent[] = []
    let state: SessionState | undefined
    all.add(session.event$.subscribe({ next: (event) => log.push(event), error: rethrow }))
    all.add(session.state$.subscribe({ next: (next) => (state = next), error: rethrow }))
    return { host, dht, session, log, state: () => state }
  }
  const seeder = run(HOSTS[2]!, true)
  world.clock.advanceBy(30_000)
  const leecher = run(HOSTS[3]!, false)
  world.clock.advanceBy(120_000)
  return {
    world,
    sent,
    seeder,
    leecher,
    end: () => {
      all.unsubscribe()
    },
  }
}

describe('a session with a DHT node', () => {
  it('finds its peers by it alone', () => {
    const { leecher, seeder, end } = scene()
    expect(leecher.state()?.progress.isComplete).toBe(true)
    expect(leecher.state()?.candidates).toContainEqual(
      expect.objectContaining({ host: seeder.host.address, source: 'dht' }),
    )
    end()
  })

  it('says so in its handshakes, and where the node is', () => {
    const { leecher, end } = scene()
    const connected = leecher.log.find((event) => event._tag === 'PeerConnected')
    expect(connected?._tag === 'PeerConnected' && decodeReserved(connected.reserved).dht).toBe(true)
    const messages = leecher.log.flatMap((event) => (event._tag === 'PeerBatch' ? event.messages : []))
    expect(messages).toContainEqual({ _tag: 'Port', port: 6_881 })
    end()
  })

  it('counts as a seed once it has all, and as a peer before (BEP 33)', () => {
    const torrent = makeTorrent({ pieceLength: 16_384, files: 20 * 16_384 })
    const world = createVirtualWorld({
      seed: 5,
      network: { latencyMs: 20, link: { up: 4_000, down: 4_000 } },
    })
    const all = new Subscription()
    const [first, ...others] = HOSTS.map((address) => ({
      host: world.host(address),
      dht: nodeAt(world.host(address)),
    }))
    all.add(first!.dht.state$.subscribe({ error: rethrow }))
    const run = ({ host, dht }: (typeof others)[number]): Session => {
      const session = createSession(torrent.metainfo, host.deps, { dht })
      all.add(session.state$.subscribe({ error: rethrow }))
      return session
    }
    others[0]!.host.disk.preload(layoutOf(torrent.metainfo), torrent.content)
    run(others[0]!)
    const leecher = run(others[1]!)
    const scraped = (): DhtScrape | undefined => {
      let scrape: DhtScrape | undefined
      const infohash = O.getOrElse((): Uint8Array => new Uint8Array())(torrent.metainfo.infohash.v1)
      all.add(first!.dht.scrape(infohash).subscribe({ next: (told) => (scrape = told), error: rethrow }))
      world.clock.advanceBy(10_000)
      return scrape
    }
    world.clock.advanceBy(30_000)
    expect(leecher.state()?.phase).toBe('downloading')
    expect(scraped()).toMatchObject({ seeds: 1, peers: 1 })
    world.clock.advanceBy(180_000)
    expect(leecher.state()?.phase).toBe('seeding')
    expect(scraped()).toMatchObject({ seeds: 2, peers: 0 })
    all.unsubscribe()
  })

  it('runs the node for as long as it runs itself', () => {
    const { world, leecher, end } = scene()
    expect(world.datagrams.openPorts(leecher.host.address)).toBe(1)
    leecher.session.send({ _tag: 'Stop' })
    world.clock.advanceBy(10_000)
    expect(world.datagrams.openPorts(leecher.host.address)).toBe(0)
    end()
    expect(world.datagrams.openPorts()).toBe(0)
  })

  it('of a private torrent sends no packet, and says nothing of a node (BEP 27)', () => {
    const { sent, leecher, seeder, world, end } = scene(true)
    const own = [leecher.host.address, seeder.host.address]
    expect(sent.filter(({ from, to }) => own.includes(from.host) || own.includes(to.host))).toEqual([])
    leecher.session.addPeers([{ host: seeder.host.address, port: portOf(seeder) }])
    world.clock.advanceBy(60_000)
    expect(leecher.state()?.progress.isComplete).toBe(true)
    const connected = leecher.log.find((event) => event._tag === 'PeerConnected')
    expect(connected?._tag === 'PeerConnected' && decodeReserved(connected.reserved).dht).toBe(false)
    leecher.session.send({ _tag: 'SetDhtPort', port: 6_881 })
    world.clock.advanceBy(1_000)
    expect(
      leecher.log.some(
        (event) => event._tag === 'PeerBatch' && event.messages.some(({ _tag }) => _tag === 'Port'),
      ),
    ).toBe(false)
    end()
  })
})

describe('a session whose DHT node has no port', () => {
  const torrent = makeTorrent({ pieceLength: 16_384, files: 16_384 })

  /** A session and its node, whose port somebody else has, or which loses it when `close$` emits. */
  const run = (
    isTaken: boolean,
  ): { readonly notices: Notice[]; readonly log: SessionEvent[]; readonly end: () => void } => {
    const world = createVirtualWorld({ seed: 4 })
    const host = world.host(HOSTS[0]!)
    const all = new Subscription()
    if (isTaken) all.add(host.datagrams.bind({ port: 6_881, family: 4 }).subscribe({ error: rethrow }))
    const close$ = new Subject<void>()
    const dht = createDht(
      {
        datagrams: { bind: (options) => host.datagrams.bind(options).pipe(takeUntil(close$)) },
        clock: world.clock,
        random: host.deps.random,
      },
      { addresses: [{ family: 4, port: 6_881 }] },
    )
    const session = createSession(torrent.metainfo, host.deps, { dht })
    const notices: Notice[] = []
    const log: SessionEvent[] = []
    all.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
    all.add(session.event$.subscribe({ next: (event) => log.push(event), error: rethrow }))
    world.clock.advanceBy(5_000)
    if (!isTaken) expect(notices).not.toContainEqual(expect.objectContaining({ _tag: 'DhtUnavailable' }))
    close$.next()
    world.clock.advanceBy(5_000)
    expect(session.state()?.phase).toBe('downloading')
    return {
      notices,
      log,
      end: () => {
        all.unsubscribe()
      },
    }
  }

  it.each([
    { isTaken: true, code: 'EADDRINUSE' },
    { isTaken: false, code: 'CLOSED' },
  ])('says so once, and goes on without: $code', ({ isTaken, code }) => {
    const { notices, log, end } = run(isTaken)
    expect(notices.filter(({ _tag }) => _tag === 'DhtUnavailable')).toMatchObject([{ family: 4, code }])
    const ports = log.flatMap((event) =>
      event._tag === 'Command' && event.command._tag === 'SetDhtPort' ? [event.command.port] : [],
    )
    expect(ports).toEqual(isTaken ? [0] : [6_881, 0])
    end()
  })
})

describe('a client with a DHT node', () => {
  it('shares it among its sessions, and runs it for as long as one of them looks for peers', () => {
    const world = createVirtualWorld({ seed: 9 })
    const host = world.host(HOSTS[0]!)
    const { clock, network } = host.deps
    const client = createClient(
      { clock, network, sessionDeps: () => host.deps, readTorrent: () => of(E.left('ENOENT')) },
      { directory: 'downloads', dht: nodeAt(host) },
    )
    const openAfter = (length: number, isPrivate: boolean): number => {
      const { metainfo } = makeTorrent({ pieceLength: 16_384, files: length, isPrivate })
      client.add(metainfo).subscribe({ error: rethrow })
      world.clock.advanceBy(5_000)
      return world.datagrams.openPorts()
    }
    expect([openAfter(1_000, true), openAfter(2_000, false), openAfter(3_000, false)]).toEqual([0, 1, 1])
    client.stop().subscribe({ error: rethrow })
    world.clock.advanceBy(10_000)
    expect(world.datagrams.openPorts()).toBe(0)
  })
})

describe('a node that a peer or a torrent tells of', () => {
  it('is asked: a node without a way in is in the network by its peers', () => {
    const torrent = makeTorrent({ pieceLength: 16_384, files: 20 * 16_384 })
    const world = createVirtualWorld({ seed: 6, network: { latencyMs: 20 } })
    const [first, second] = [world.host(HOSTS[0]!), world.host(HOSTS[1]!)]
    second.disk.preload(layoutOf(torrent.metainfo), torrent.content)
    const [a, b] = [nodeAt(first), nodeAt(second)]
    const lone = createDht(
      { datagrams: world.host(HOSTS[2]!).datagrams, clock: world.clock, random: first.deps.random },
      { addresses: [{ family: 4, port: 6_881 }] },
    )
    const all = new Subscription()
    all.add(a.state$.subscribe({ error: rethrow }))
    const seeder = createSession(torrent.metainfo, second.deps, { dht: b, port: 7_000 })
    all.add(seeder.state$.subscribe({ error: rethrow }))
    world.clock.advanceBy(20_000)
    const leecher = createSession(torrent.metainfo, world.host(HOSTS[2]!).deps, {
      dht: lone,
      peers: [{ host: HOSTS[1]!, port: 7_000 }],
    })
    let good = 0
    all.add(lone.state$.subscribe({ next: ({ homes }) => (good = homes[0]?.good ?? 0), error: rethrow }))
    all.add(leecher.state$.subscribe({ error: rethrow }))
    world.clock.advanceBy(30_000)
    expect(good).toBeGreaterThan(0)
    all.unsubscribe()
  })

  it('is asked where a torrent names it, but for one in a network of ours', () => {
    const torrent = makeTorrent({ pieceLength: 16_384, files: 16_384 })
    const world = createVirtualWorld({ seed: 7 })
    const host = world.host(HOSTS[0]!)
    const sent: SentDatagram[] = []
    const all = world.datagrams.sent$.subscribe({ next: (datagram) => sent.push(datagram), error: rethrow })
    const nodes = [
      { host: '20.9.1.1', port: 1 },
      { host: '10.0.0.1', port: 2 },
      { host: '127.0.0.1', port: 3 },
      { host: 'name.example', port: 4 },
      { host: 'inside.example', port: 5 },
    ]
    const dht = createDht({
      datagrams: host.datagrams,
      clock: world.clock,
      random: host.deps.random,
      lookUp: (name) => of([name === 'name.example' ? '20.9.2.1' : '192.168.0.1']),
    })
    const session = createSession({ ...torrent.metainfo, nodes }, host.deps, { dht })
    all.add(session.state$.subscribe({ error: rethrow }))
    world.clock.advanceBy(5_000)
    expect(new Set(sent.map(({ to }) => to.host))).toEqual(new Set(['20.9.1.1', '20.9.2.1']))
    all.unsubscribe()
  })
})

const portOf = ({ state }: Running): number => {
  const port = state()?.port
  return port?._tag === 'Some' ? port.value : 0
}
