import { createHash } from 'node:crypto'
import { of, Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import * as O from '#fp/Option'
import { toHex } from '../../src/codecs/bytes.js'
import { hashesIn, hashTree } from '../../src/codecs/hashTree.js'
import type { Magnet } from '../../src/codecs/magnet.js'
import { magnetOf } from '../../src/codecs/magnet.js'
import { decodeMetainfo } from '../../src/codecs/metainfo.js'
import type { HashRange, WireMessage } from '../../src/codecs/wire/message.js'
import { encodeExtendedHandshake, EXTENDED_HANDSHAKE_ID } from '../../src/codecs/wire/extended.js'
import { encodeUtMetadata, metadataPiece } from '../../src/codecs/wire/utMetadata.js'
import { encodeUtPex } from '../../src/codecs/wire/utPex.js'
import { OUR_PEX_ID } from '../../src/operators/metadata/peers.js'
import type { MetadataState } from '../../src/operators/metadata/state.js'
import type { PeerSource } from '../../src/operators/peer/source.js'
import { fetchMetadata, type MetadataOptions } from '../../src/streams/metadata/fetchMetadata.js'
import { createSession } from '../../src/streams/session.js'
import { layoutOf } from '../../src/streams/storageLayout.js'
import { createVirtualWorld, type VirtualWorld } from '../../src/streams/virtual/world.js'
import { bencode } from '../support/bencode.js'
import { makeTorrent } from '../support/makeTorrent.js'
import { makeV2Torrent } from '../support/makeV2Torrent.js'
import {
  giving,
  metadataPeer,
  type MetadataPeer,
  type MetadataPeerOptions,
  poisoning,
} from '../support/metadataPeer.js'
import { rethrow } from '../support/rethrow.js'

const TRACKER = 'http://tracker.test/announce'
/** 3 000 pieces: 60 KB of metadata, four pieces of it. */
const torrent = makeTorrent({ pieceLength: 16_384, files: 3_000 * 16_384 - 100, trackers: [TRACKER] })
const { info } = torrent.metainfo
const magnet: Magnet = { ...magnetOf(torrent.metainfo), trackers: [] }
const infohash = O.getOrElse((): Uint8Array => new Uint8Array(0))(magnet.infohash.v1)

const newWorld = (seed = 1): VirtualWorld =>
  createVirtualWorld({
    seed,
    network: { latencyMs: 20, jitterMs: 5, link: { up: 500_000, down: 2_000_000 } },
  })

interface Search {
  readonly states: ReadonlyArray<MetadataState>
  readonly last: () => MetadataState
  readonly isDone: () => boolean
  readonly subscription: Subscription
}

const search = (world: VirtualWorld, link: Magnet, options: MetadataOptions = {}): Search => {
  const states: MetadataState[] = []
  let isDone = false
  const subscription = fetchMetadata(link, world.host('10.0.0.1').deps, options).subscribe({
    next: (state) => states.push(state),
    error: rethrow,
    complete: () => (isDone = true),
  })
  const last = (): MetadataState => {
    const state = states[states.length - 1]
    if (state === undefined) throw new Error('no state')
    return state
  }
  return { states, last, isDone: () => isDone, subscription }
}

type Doing = Omit<MetadataPeerOptions, 'infohash' | 'host'>

const honest: Doing = { size: info.length, answer: giving(info) }
const poisoner: Doing = { size: info.length, answer: poisoning(info) }
const silent: Doing = { size: info.length }

interface Story extends Search {
  readonly peers: ReadonlyArray<MetadataPeer>
  readonly world: VirtualWorld
  readonly ms: number
}

/** A search among these peers, until it is over or its time is up; leaves nothing behind. */
const among = (
  doings: ReadonlyArray<Doing>,
  { seed = 1, limitMs = 120_000, link = magnet }: { seed?: number; limitMs?: number; link?: Magnet } = {},
): Story => {
  const world = newWorld(seed)
  const hash = O.isSome(link.infohash.v1)
    ? link.infohash.v1
    : O.map((v2: Uint8Array) => v2.subarray(0, 20))(link.infohash.v2)
  const peers = doings.map((doing, i) =>
    metadataPeer(world, {
      ...doing,
      infohash: O.getOrElse(() => infohash)(hash),
      host: `10.0.1.${String(i)}`,
    }),
  )
  const found = search(world, { ...link, peers: peers.map(({ address }) => address) })
  world.clock.run(found.isDone, limitMs)
  const ms = world.clock.now()
  found.subscription.unsubscribe()
  for (const { subscription } of peers) subscription.unsubscribe()
  world.clock.advanceBy(500)
  expect(world.clock.pending()).toBe(0)
  expect(world.network.openSockets()).toBe(0)
  return { ...found, peers, world, ms }
}

const expectFound = (story: Search): void => {
  const state = story.last()
  if (state._tag !== 'Fetched') throw new Error(JSON.stringify(state))
  expect(Buffer.compare(state.metainfo.info, info)).toBe(0)
}

describe('metadata', () => {
  it('comes from the sessions that a tracker knows, with what the session that follows needs', () => {
    const world = newWorld()
    const all = new Subscription()
    for (const host of ['10.0.1.1', '10.0.1.2', '10.0.1.3']) {
      const machine = world.host(host)
      machine.disk.preload(layoutOf(torrent.metainfo), torrent.content)
      all.add(createSession(torrent.metainfo, machine.deps).state$.subscribe({ error: rethrow }))
    }
    world.clock.advanceBy(60_000)
    const found = search(world, { ...magnet, trackers: ['http://empty.test/announce', TRACKER] })
    expect(world.clock.run(found.isDone, 10_000)).toBe(true)
    expectFound(found)
    const state = found.last()
    if (state._tag !== 'Fetched') throw new Error(state._tag)
    expect(state.metainfo.trackers).toEqual([['http://empty.test/announce'], [TRACKER]])
    const hosts = state.peers.map(({ host }) => host)
    expect(hosts).toEqual(expect.arrayContaining(['10.0.1.1', '10.0.1.2', '10.0.1.3']))
    const asked = world.tracker.announces().filter(({ host }) => host === '10.0.0.1')
    expect(asked.map(({ url, request }) => [url, request.event, request.left])).toEqual([
      ['http://empty.test/announce', 'started', 1],
      [TRACKER, 'started', 1],
    ])
    all.unsubscribe()
  })

  it('comes from who finds us, and the port is free again for the session', () => {
    const world = newWorld()
    const machine = world.host('10.0.1.1')
    machine.disk.preload(layoutOf(torrent.metainfo), torrent.content)
    const all = new Subscription()
    const found = search(world, magnet, { port: 7_000 })
    const seeder = createSession(torrent.metainfo, machine.deps, {
      peers: [{ host: '10.0.0.1', port: 7_000 }],
    })
    all.add(seeder.state$.subscribe({ error: rethrow }))
    expect(world.clock.run(found.isDone, 60_000)).toBe(true)
    expectFound(found)
    const state = found.last()
    if (state._tag !== 'Fetched') throw new Error(state._tag)
    expect(state.port).toEqual(O.some(7_000))
    expect(state.peers.map(({ host }) => host)).toEqual(['10.0.1.1'])
    const leech = createSession(state.metainfo, world.host('10.0.0.1').deps, {
      port: 7_000,
      peers: state.peers,
    })
    all.add(leech.state$.subscribe({ error: rethrow }))
    world.clock.advanceBy(5_000)
    expect(leech.state()?.port).toEqual(O.some(7_000))
    expect(leech.state()?.progress.haveBytes).toBeGreaterThan(0)
    all.unsubscribe()
  })

  it('comes from several peers at once', () => {
    const story = among([honest, honest, honest])
    expectFound(story)
    const asked = story.peers.map(({ heard }) => heard.length)
    expect(asked.filter((count) => count > 0).length).toBeGreaterThan(1)
  })

  it('comes by a source of the user’s', () => {
    const world = newWorld()
    const peer = metadataPeer(world, { ...honest, infohash, host: '10.0.1.0' })
    const broken: PeerSource = {
      name: 'other',
      isPublic: true,
      find: () => {
        throw new Error('broken')
      },
    }
    const source: PeerSource = { name: 'other', isPublic: true, find: () => of([peer.address]) }
    const found = search(world, magnet, { sources: [broken, source] })
    expect(world.clock.run(found.isDone, 10_000)).toBe(true)
    expectFound(found)
    peer.subscription.unsubscribe()
  })

  it('comes from who is known to a peer that has nothing itself (BEP 11)', () => {
    const world = newWorld()
    const holder = metadataPeer(world, { ...honest, infohash, host: '10.0.1.0' })
    const many = Array.from({ length: 90 }, (_, i) => ({ host: `10.0.2.${String(i)}`, port: 1, flags: 0 }))
    const payload = encodeUtPex({ added: [{ ...holder.address, flags: 0 }, ...many], dropped: [] })
    const knower = metadataPeer(world, {
      infohash,
      host: '10.0.1.1',
      says: [{ _tag: 'Extended', id: OUR_PEX_ID, payload }],
    })
    const run = (pex: boolean): Search => {
      const found = search(world, { ...magnet, peers: [knower.address] }, { pex })
      world.clock.run(found.isDone, 60_000)
      found.subscription.unsubscribe()
      return found
    }
    const without = run(false)
    expect(without.last()).toMatchObject({ _tag: 'Fetching', progress: { candidates: 1 } })
    const found = run(true)
    expectFound(found)
    // Of one peer so many and no more.
    expect(Math.max(...found.states.map(({ progress }) => progress.candidates))).toBe(51)
    for (const { subscription } of [holder, knower]) subscription.unsubscribe()
  })

  it('tells how far it is', () => {
    const slow = createVirtualWorld({ seed: 1, network: { latencyMs: 300, link: { up: 20_000 } } })
    const peer = metadataPeer(slow, { ...honest, infohash, host: '10.0.1.0' })
    const found = search(slow, { ...magnet, peers: [peer.address] })
    slow.clock.run(found.isDone, 60_000)
    const sizes = found.states.map(({ progress }) => progress.haveBytes)
    expect(new Set(sizes).size).toBeGreaterThan(3)
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
    expect(found.last().progress.size).toEqual(O.some(info.length))
    peer.subscription.unsubscribe()
  })

  it('of v2 alone is checked by SHA-256', () => {
    const root = new Uint8Array(32).fill(1)
    const v2Info = bencode({
      // Of one piece: there is no layer to ask for.
      'file tree': { data: { '': { length: 10_000, 'pieces root': root } } },
      'meta version': 2,
      name: 'data',
      'piece length': 16_384,
    })
    const v2 = new Uint8Array(createHash('sha256').update(v2Info).digest())
    const link: Magnet = { ...magnet, infohash: { v1: O.none, v2: O.some(v2) } }
    const size = v2Info.length
    const story = among(
      [
        { size, answer: poisoning(v2Info) },
        { size, answer: giving(v2Info) },
      ],
      { link },
    )
    const state = story.last()
    if (state._tag !== 'Fetched') throw new Error(JSON.stringify(state))
    expect(state.metainfo).toMatchObject({ version: 'v2', infohash: { v1: O.none, v2: O.some(v2) } })
  })
})

describe('metadata that is wrong', () => {
  it('from three of four is overcome in the second round, and its senders are banned (R40)', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const story = among([poisoner, poisoner, honest, poisoner], { seed })
      expectFound(story)
      expect(story.ms, `seed ${String(seed)}`).toBeLessThan(3_000)
      // One round together, then each for itself.
      expect(story.last().progress.wrong).toBeLessThanOrEqual(4)
      expect(story.peers.every(({ connections }) => connections() === 1)).toBe(true)
    }
  })

  it('from everybody is told of, and liars are not asked again', () => {
    const story = among([poisoner, poisoner], { limitMs: 600_000 })
    const { progress } = story.last()
    expect(progress.why).toContainEqual({ _tag: 'MetadataWrong', times: progress.wrong })
    expect(progress.peers).toEqual([])
    expect(story.peers.map(({ connections }) => connections())).toEqual([1, 1])
  })

  it('of another size, claimed by most, does not keep the right one out', () => {
    const liar = (size: number): Doing => ({ size, answer: giving(new Uint8Array(size)) })
    for (const size of [1, 16_384, 16_385, info.length - 1, info.length + 1, 10_000_000]) {
      const story = among([liar(size), liar(size), liar(size), honest])
      expectFound(story)
      expect(story.ms, `size ${String(size)}`).toBeLessThan(10_000)
    }
  })

  it('claimed beyond all bounds is not asked for, and costs nothing (R39)', () => {
    for (const size of [10_000_001, 2 ** 31, 2 ** 52]) {
      const story = among([{ size, answer: giving(info) }], { limitMs: 20_000 })
      expect(story.peers[0]!.heard).toEqual([])
      expect(story.last().progress).toMatchObject({ size: O.none, haveBytes: 0 })
    }
  })

  it('claimed and never sent takes no memory', () => {
    const before = process.memoryUsage()
    const story = among(
      Array.from({ length: 20 }, () => ({ size: 10_000_000 })),
      { limitMs: 5_000 },
    )
    const after = process.memoryUsage()
    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(8 * 1024 * 1024)
    expect(story.last().progress.haveBytes).toBe(0)
  })

  it('that is no torrent is a failure of its own, as are two hashes that do not belong together', () => {
    const bad = bencode({ name: 'x', pieces: 7 })
    const hash = new Uint8Array(createHash('sha1').update(bad).digest())
    const link: Magnet = { ...magnet, infohash: { v1: O.some(hash), v2: O.none } }
    const size = bad.length
    expect(among([{ size, answer: giving(bad) }], { link }).last()).toMatchObject({
      _tag: 'MetadataFailed',
      error: { _tag: 'MetadataInvalid', error: { _tag: 'InvalidField' } },
    })
    const both: Magnet = { ...magnet, infohash: { v1: magnet.infohash.v1, v2: O.some(new Uint8Array(32)) } }
    expect(among([honest], { link: both }).last()).toMatchObject({
      _tag: 'MetadataFailed',
      error: { _tag: 'HashesDisagree' },
    })
  })
})

describe('metadata, with peers that', () => {
  const extended = (id: number, payload: Uint8Array) => ({ _tag: 'Extended', id, payload }) as const
  const refusing: Doing = {
    size: info.length,
    answer: (piece) => [encodeUtMetadata({ _tag: 'Reject', piece })],
  }

  it('refuse or keep silent, comes from the one that does not', () => {
    for (const bad of [silent, refusing]) {
      const story = among([bad, bad, bad, honest])
      expectFound(story)
      expect(story.ms).toBeLessThan(30_000)
    }
  })

  it('all refuse, goes on, and says why', () => {
    const { last } = among([refusing, {}], { limitMs: 3_000 })
    expect(last()).toMatchObject({ _tag: 'Fetching', progress: { why: [{ _tag: 'PeersRefuse', peers: 1 }] } })
    expect(among([{}, {}], { limitMs: 3_000 }).last().progress.why).toEqual([
      { _tag: 'PeersLackMetadata', peers: 2 },
    ])
    expect(among([], { limitMs: 3_000 }).last().progress.why).toEqual([{ _tag: 'NobodyToAsk' }])
  })

  it('have nothing yet, are asked again later', () => {
    const story = among([{}], { limitMs: 200_000 })
    expect(story.peers[0]!.connections()).toBeGreaterThan(2)
  })

  it('change their word in the middle, lie about the total, or send what nobody asked for, comes all the same', () => {
    const changing: Doing = {
      size: info.length,
      says: [
        extended(EXTENDED_HANDSHAKE_ID, encodeExtendedHandshake({ metadataSize: 20_000 })),
        extended(EXTENDED_HANDSHAKE_ID, encodeExtendedHandshake({ metadataSize: 40_000 })),
      ],
    }
    const lying: Doing = {
      size: info.length,
      answer: (piece) => [metadataPiece(new Uint8Array(info.length + 20_000), piece)],
    }
    const unasked: Doing = {
      size: info.length,
      says: Array.from({ length: 200 }, () => extended(2, metadataPiece(new Uint8Array(16_384), 0))),
    }
    const junk: Doing = {
      size: info.length,
      says: Array.from({ length: 200 }, () => extended(2, Uint8Array.from(Buffer.from('l-3:e')))),
    }
    const story = among([changing, lying, unasked, junk, honest])
    expectFound(story)
    expect(story.ms).toBeLessThan(30_000)
  })

  it('flood us with requests get so many refusals and no more', () => {
    const request = encodeUtMetadata({ _tag: 'Request', piece: 0 })
    const flooder: Doing = { says: Array.from({ length: 10_000 }, () => extended(2, request)) }
    const story = among([flooder], { limitMs: 4_000 })
    expect(story.peers[0]!.heard.length).toBeLessThanOrEqual(256)
    expect(story.last().progress.peers).toEqual([])
  })

  it('send payload that nobody can have asked for, are let go', () => {
    const payload = new Uint8Array(16_384)
    const sender: Doing = { ...silent, says: [{ _tag: 'Piece', piece: 0, begin: 0, payload }] }
    const story = among([sender], { limitMs: 3_000 })
    expect(story.last().progress.peers).toEqual([])
    expectFound(among([sender, honest]))
  })

  it('claim v2 on a link of v1, and ask for hashes, are peers like any other (R41)', () => {
    const range = { root: new Uint8Array(32).fill(1), baseLayer: 0, index: 0, length: 2, proofLayers: 0 }
    const story = among([
      {
        ...honest,
        says: [
          { _tag: 'HashRequest', ...range },
          { _tag: 'Hashes', ...range, hashes: new Uint8Array(64) },
          { _tag: 'HashReject', ...range },
        ],
      },
    ])
    expectFound(story)
    expect(story.peers[0]!.heardOfHashes).toEqual([{ _tag: 'HashReject', ...range }])
  })
})

describe('the piece layers of a v2 torrent', () => {
  // 1 100 and 5 pieces: the one layer comes in three parts, the other in one; and a file without.
  const v2 = makeV2Torrent({ pieceLength: 16_384, files: [1_099 * 16_384 + 5, 70_000, 300] })
  const link: Magnet = { ...magnetOf(v2.metainfo), trackers: [] }
  const v2Info = v2.metainfo.info
  const trees = new Map(
    Array.from(v2.metainfo.pieceLayers, ([root, layer]) => [root, hashTree(layer, 0)] as const),
  )
  const right = (range: HashRange): WireMessage => ({
    ...range,
    _tag: 'Hashes',
    hashes: hashesIn(trees.get(toHex(range.root))!, range)!,
  })
  const holder: Doing = { size: v2Info.length, answer: giving(v2Info) }
  const telling: Doing = { ...holder, hashes: (range) => [right(range)] }
  const wrong = (range: HashRange): WireMessage => {
    const message = right(range)
    if (message._tag === 'Hashes') message.hashes[40]! ^= 1
    return message
  }

  const expectLayers = (story: Search): void => {
    const state = story.last()
    if (state._tag !== 'Fetched') throw new Error(JSON.stringify(state))
    expect(state.metainfo.pieceLayers).toEqual(v2.metainfo.pieceLayers)
    expect(decodeMetainfo(state.torrent)).toEqual(E.right(state.metainfo))
  }

  it('come from the peers that have the metadata, and it is done when they are there', () => {
    const story = among([telling, telling], { link })
    expectLayers(story)
    const asked = story.peers.flatMap(({ heardOfHashes }) => heardOfHashes)
    // Each part of one, and of the other too when none is left to ask for.
    expect(asked.every(({ _tag }) => _tag === 'HashRequest')).toBe(true)
    expect(asked.length).toBeGreaterThanOrEqual(4)
    expect(asked.length).toBeLessThanOrEqual(8)
    const size = v2Info.length + 32 * 1_105
    expect(story.last().progress).toMatchObject({ size: O.some(size), haveBytes: size, wrong: 0 })
  })

  it('come from sessions, and lead to a session that has all', () => {
    const world = newWorld()
    const seeding = world.host('10.0.1.1')
    seeding.disk.preload(layoutOf(v2.metainfo), v2.content)
    const all = new Subscription()
    all.add(createSession(v2.metainfo, seeding.deps, { port: 6_881 }).state$.subscribe({ error: rethrow }))
    world.clock.advanceBy(10_000)
    const found = search(world, { ...link, peers: [{ host: '10.0.1.1', port: 6_881 }] })
    expect(world.clock.run(found.isDone, 10_000)).toBe(true)
    expectLayers(found)
    const state = found.last()
    if (state._tag !== 'Fetched') throw new Error(state._tag)
    const { metainfo, peers } = state
    let isComplete = false
    const leech = createSession(metainfo, world.host('10.0.0.1').deps, { peers })
    all.add(leech.complete$.subscribe({ next: () => (isComplete = true), error: rethrow }))
    expect(world.clock.run(() => isComplete, 300_000)).toBe(true)
    all.unsubscribe()
  })

  it.each<[string, Doing, number]>([
    ['wrong', { ...holder, hashes: (range) => [wrong(range)] }, 1],
    [
      'too few',
      { ...holder, hashes: (range) => [{ ...right(range), hashes: new Uint8Array(32) } as WireMessage] },
      1,
    ],
    ['of another range', { ...holder, hashes: (range) => [{ ...right(range), index: 1 } as WireMessage] }, 0],
    ['refused', { ...holder, hashes: (range) => [{ ...range, _tag: 'HashReject' }] }, 0],
    ['never sent', holder, 0],
  ])('that are %s come from another peer, and change nothing (R42)', (_, doing, times) => {
    const story = among([doing, telling], { link })
    expectLayers(story)
    expect(story.last().progress.wrong).toBe(times)
  })

  it('that one peer lies about are not taken from it again: it is banned', () => {
    const story = among([{ ...holder, hashes: (range) => [wrong(range)] }], { link, limitMs: 60_000 })
    expect(story.last()).toMatchObject({ _tag: 'Fetching', progress: { wrong: 1 } })
    expect(story.peers[0]!.connections()).toBe(1)
  })

  it('that nobody asked for are passed over, and a flood of them ends the connection', () => {
    const range = { root: new Uint8Array(32).fill(1), baseLayer: 0, index: 0, length: 2, proofLayers: 0 }
    const says = Array.from({ length: 200 }, (): WireMessage => ({
      _tag: 'Hashes',
      ...range,
      hashes: new Uint8Array(64),
    }))
    const story = among([{ ...silent, says }, telling], { link })
    expectLayers(story)
    expect(among([{ ...silent, says }], { link, limitMs: 3_000 }).last().progress.peers).toEqual([])
  })
})
