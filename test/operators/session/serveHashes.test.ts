import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { toHex } from '../../../src/codecs/bytes.js'
import { isProven, layerRanges } from '../../../src/codecs/hashProof.js'
import { merkleRoot, padHash } from '../../../src/codecs/merkle.js'
import type { HashRange, WireMessage } from '../../../src/codecs/wire/message.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { makeV2Torrent } from '../../support/makeV2Torrent.js'
import { layerOf } from '../../support/pieceLayers.js'
import type { FakePeer, SessionFixture } from '../../support/sessionFixture.js'

const HEIGHT = 1
const layer = layerOf(6)
const root = merkleRoot(layer, padHash(HEIGHT))
const [range] = layerRanges(root, HEIGHT, 6) as [HashRange]

const setup = (v2 = true): { readonly fixture: SessionFixture; readonly peer: FakePeer } => {
  const fixture = checkedFixture({ pieceLayers: new Map([[toHex(root), layer]]) })
  return { fixture, peer: fixture.peer({ v2, has: '00000000' }) }
}

const asks = (change: Partial<HashRange> = {}): WireMessage => ({ _tag: 'HashRequest', ...range, ...change })

const served = (fixture: SessionFixture, peer: FakePeer, isFull = false): void => {
  fixture.feed({ _tag: 'HashesServed', at: fixture.now(), peer: peer.key, wireBytes: 300, isFull })
}

describe('a request for hashes', () => {
  it('is answered from the piece layers, to who is choked and has nothing', () => {
    const { fixture, peer } = setup()
    peer.says(asks())
    const [answer] = fixture.effectsOf('ServeHashes')
    expect(answer).toMatchObject({ peer: peer.key, message: { _tag: 'Hashes', ...range } })
    expect(isProven(range, answer!.message.hashes)).toBe(true)
    served(fixture, peer)
    expect(fixture.model.wireUp).toBeGreaterThanOrEqual(300)
    expect(peer.toldOf('HashReject')).toEqual([])
  })

  it.each<[string, Partial<HashRange>]>([
    ['for no hash', { length: 0 }],
    ['for three', { length: 3 }],
    ['for 2^31', { length: 2 ** 31 }],
    ['for a file that is none', { root: new Uint8Array(32) }],
    ['below the pieces', { baseLayer: 0 }],
  ])('%s is rejected as it came', (_, change) => {
    const { fixture, peer } = setup()
    peer.says(asks(change))
    expect(peer.toldOf('HashReject')).toEqual([{ ...range, ...change, _tag: 'HashReject' }])
    expect(fixture.effectsOf('ServeHashes')).toEqual([])
    expect(peer.closedFor()).toBeUndefined()
  })

  it('is rejected where there are no layers, though the peer claims v2 of a v1 torrent', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ v2: true })
    peer.says(asks())
    expect(peer.toldOf('HashReject')).toHaveLength(1)
    expect(peer.closedFor()).toBeUndefined()
  })

  it('ends the connection of who does not speak v2', () => {
    const { peer } = setup(false)
    peer.says(asks())
    expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'HashRequest without BitTorrent v2' })
  })

  it('waits while the socket is full, and for the answer before it', () => {
    const { fixture, peer } = setup()
    peer.says(asks(), asks(), asks())
    expect(fixture.effectsOf('ServeHashes')).toHaveLength(1)
    served(fixture, peer, true)
    expect(fixture.effectsOf('ServeHashes')).toHaveLength(1)
    fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: peer.key })
    expect(fixture.effectsOf('ServeHashes')).toHaveLength(2)
    served(fixture, peer)
    expect(fixture.effectsOf('ServeHashes')).toHaveLength(3)
  })

  it('is rejected beyond some times all that there is, and a flood ends the connection', () => {
    const { fixture, peer } = setup()
    for (let i = 0; i < SESSION_LIMITS.hashTimes; i++) {
      peer.says(asks())
      served(fixture, peer)
    }
    peer.says(asks())
    expect(fixture.effectsOf('ServeHashes')).toHaveLength(SESSION_LIMITS.hashTimes)
    expect(peer.toldOf('HashReject')).toHaveLength(1)
    for (let i = 0; i < SESSION_LIMITS.hashRefusals; i++) peer.says(asks({ length: 3 }))
    expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'a flood of HashRequest' })
  })
})

describe('a request for hashes of a large file', () => {
  const count = 1_500
  const large = layerOf(count)
  const largeRoot = merkleRoot(large, padHash(HEIGHT))
  const ranges = layerRanges(largeRoot, HEIGHT, count)
  const small: HashRange = range

  const world = (): SessionFixture =>
    checkedFixture({
      pieceLayers: new Map([
        [toHex(largeRoot), large],
        [toHex(root), layer],
      ]),
    })
  const turnOfLoop = (fixture: SessionFixture): number => {
    fixture.feed({ _tag: 'HashTurn', at: fixture.now() })
    return fixture.effectsOf('AwaitHashTurn').length
  }
  const request = (asked: HashRange | undefined): WireMessage => ({ _tag: 'HashRequest', ...asked! })

  it('is answered once its tree is made, a stretch in each turn of the loop', () => {
    const fixture = world()
    const peer = fixture.peer({ v2: true, has: '00000000' })
    peer.says(...ranges.map(request))
    let turns = 0
    while (fixture.effectsOf('ServeHashes').length === 0) {
      expect(fixture.effectsOf('AwaitHashTurn')).toHaveLength(turns + 1)
      turnOfLoop(fixture)
      turns++
    }
    expect(turns).toBe(Math.ceil((count - SESSION_LIMITS.treeHashesAtOnce) / SESSION_LIMITS.treeHashes))
    expect(fixture.effectsOf('AwaitHashTurn')).toHaveLength(turns)
    for (let i = 1; i < ranges.length; i++) served(fixture, peer)
    const answers = fixture.effectsOf('ServeHashes').map(({ message }) => message)
    expect(answers).toMatchObject(ranges)
    expect(answers.every(({ hashes }, i) => isProven(ranges[i]!, hashes))).toBe(true)
    expect(peer.toldOf('HashReject')).toEqual([])
  })

  it('keeps nobody else from an answer meanwhile, and is one work for all who ask', () => {
    const fixture = world()
    const first = fixture.peer({ v2: true, has: '00000000' })
    const second = fixture.peer({ v2: true, has: '00000000' })
    const other = fixture.peer({ v2: true, has: '00000000' })
    first.says(request(ranges[0]))
    turnOfLoop(fixture)
    second.says(request(ranges[1]))
    other.says(request(small))
    expect(fixture.effectsOf('ServeHashes')).toMatchObject([{ peer: other.key }])
    expect(fixture.effectsOf('AwaitHashTurn')).toHaveLength(2)
    while (fixture.effectsOf('ServeHashes').length < 3) turnOfLoop(fixture)
    expect(fixture.effectsOf('ServeHashes').map(({ peer }) => peer)).toEqual([
      other.key,
      first.key,
      second.key,
    ])
    expect(fixture.effectsOf('AwaitHashTurn')).toHaveLength(3)
  })

  it('rests where those who asked have left, and goes on from there for the next', () => {
    const fixture = world()
    const peer = fixture.peer({ v2: true, has: '00000000' })
    peer.says(request(ranges[0]))
    turnOfLoop(fixture)
    turnOfLoop(fixture)
    const [tree] = fixture.model.hashTrees.growing.values()
    peer.closes()
    expect(turnOfLoop(fixture)).toBe(3)
    expect(fixture.model.hashTrees.growing.size).toBe(1)
    const next = fixture.peer({ v2: true, has: '00000000' })
    next.says(request(ranges[0]))
    expect(fixture.model.hashTrees.growing.values().next().value).toBe(tree)
    expect(turnOfLoop(fixture)).toBe(4)
    expect(fixture.effectsOf('ServeHashes')).toMatchObject([{ peer: next.key }])
  })

  it('lets a peer have no more waiting than any other', () => {
    const fixture = world()
    const peer = fixture.peer({ v2: true, has: '00000000' })
    const flood = SESSION_LIMITS.hashQueue + 3
    peer.says(...Array.from({ length: flood }, () => request(ranges[0])))
    expect(peer.model()?.hashes.queue).toHaveLength(SESSION_LIMITS.hashQueue)
    expect(peer.toldOf('HashReject')).toHaveLength(3)
    expect(fixture.effectsOf('AwaitHashTurn')).toHaveLength(1)
  })

  it('takes one stretch a turn for several files together', () => {
    const layers = Array.from({ length: 8 }, (_, i) => layerOf(200 + i))
    const roots = layers.map((its) => merkleRoot(its, padHash(HEIGHT)))
    const fixture = checkedFixture({ pieceLayers: new Map(roots.map((its, i) => [toHex(its), layers[i]!])) })
    const peers = roots.map((its, i) => {
      const peer = fixture.peer({ v2: true, has: '00000000' })
      peer.says(request(layerRanges(its, HEIGHT, 200 + i)[0]))
      return peer
    })
    expect(fixture.effectsOf('ServeHashes')).toEqual([])
    turnOfLoop(fixture)
    expect(fixture.effectsOf('ServeHashes')).toHaveLength(3)
    turnOfLoop(fixture)
    turnOfLoop(fixture)
    expect(fixture.effectsOf('ServeHashes').map(({ peer }) => peer)).toEqual(peers.map(({ key }) => key))
    expect(fixture.effectsOf('AwaitHashTurn')).toHaveLength(3)
  })

  it('is forgotten when the session stops', () => {
    const fixture = world()
    const peer = fixture.peer({ v2: true, has: '00000000' })
    peer.says(request(ranges[0]))
    fixture.command({ _tag: 'Stop' })
    expect(peer.closedFor()).toBeDefined()
    expect(turnOfLoop(fixture)).toBe(1)
    expect(fixture.effectsOf('ServeHashes')).toEqual([])
  })
})

it('hashes that nobody asked for end the connection, a rejection does not', () => {
  const { fixture, peer } = setup()
  peer.says({ ...range, _tag: 'HashReject' })
  expect(peer.closedFor()).toBeUndefined()
  const before = fixture.model.hashTrees.whole.size
  peer.says({ _tag: 'Hashes', ...range, hashes: layer })
  expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'Hashes that nobody asked for' })
  expect(fixture.model.hashTrees.whole.size).toBe(before)
})

describe('a request for the blocks of a piece', () => {
  const files = [3 * 65_536 + 20_000, 40_000]
  const { metainfo } = makeV2Torrent({ pieceLength: 65_536, files })
  const [first, second] = metainfo.files
    .filter(({ isPad }) => !isPad)
    .map(({ piecesRoot }) => O.getOrElse((): Uint8Array => new Uint8Array())(piecesRoot)) as [
    Uint8Array,
    Uint8Array,
  ]
  const blocks = { root: first, baseLayer: 0, index: 4, length: 4, proofLayers: 3 }

  const asking = (
    change: Partial<HashRange>,
    isChoked = false,
  ): { fixture: SessionFixture; peer: FakePeer } => {
    const fixture = checkedFixture({ metainfo, pieces: 5, blocks: 4, have: 'xx.xx' })
    const peer = fixture.peer({ v2: true, has: '00000' })
    if (!isChoked) peer.says({ _tag: 'Interested' })
    peer.says({ _tag: 'HashRequest', ...blocks, ...change })
    return { fixture, peer }
  }

  it.each<[string, Partial<HashRange>, object]>([
    ['in the middle of a file', {}, { piece: 1, place: 1, length: 65_536, above: { baseLayer: 2 } }],
    ['at its end', { index: 12, length: 2 }, { piece: 3, place: 3, length: 20_000 }],
    [
      'that is a file',
      { root: second, index: 0, length: 2, proofLayers: 1 },
      { piece: 4, place: 0, length: 40_000, above: { baseLayer: 2, layers: [second] } },
    ],
  ])('%s has it read', (_, change, leaves) => {
    const { fixture, peer } = asking(change)
    expect(fixture.effectsOf('ServeLeaves')).toMatchObject([
      { peer: peer.key, range: { ...blocks, ...change }, leaves },
    ])
    served(fixture, peer)
    expect(peer.toldOf('HashReject')).toEqual([])
  })

  it('is answered some times for each piece there is, though no file has a layer', () => {
    const small = makeV2Torrent({ pieceLength: 65_536, files: [40_000] }).metainfo
    const root = O.getOrElse((): Uint8Array => new Uint8Array())(small.files[0]!.piecesRoot)
    const fixture = checkedFixture({ metainfo: small, pieces: 1, blocks: 4, have: 'x' })
    const peer = fixture.peer({ v2: true, has: '0' })
    peer.says({ _tag: 'Interested' })
    for (let i = 0; i <= SESSION_LIMITS.hashTimes; i++) {
      peer.says({ ...blocks, _tag: 'HashRequest', root, index: 0, proofLayers: 1 })
      served(fixture, peer)
    }
    expect(fixture.effectsOf('ServeLeaves')).toHaveLength(SESSION_LIMITS.hashTimes)
    expect(peer.toldOf('HashReject')).toHaveLength(1)
  })

  it('is rejected where hashing it would take too much of the time, of all peers together', () => {
    const MIB = 1024 * 1024
    const large = makeV2Torrent({
      pieceLength: 8 * MIB,
      files: [8 * MIB, 8 * MIB, 8 * MIB, 32 * MIB],
    }).metainfo
    const fixture = checkedFixture({ metainfo: large, pieces: 7, blocks: 512, have: 'xxxxxxx' })
    const ask = (file: number): boolean => {
      const peer = fixture.peer({ v2: true, has: '0000000' })
      peer.says({ _tag: 'Interested' })
      const root = O.getOrElse((): Uint8Array => new Uint8Array())(large.files[file]!.piecesRoot)
      const before = fixture.effectsOf('ServeLeaves').length
      peer.says({ ...blocks, _tag: 'HashRequest', root, index: 0, length: 2, proofLayers: 1 })
      return fixture.effectsOf('ServeLeaves').length > before
    }
    expect([0, 1, 2, 0, 1].map(ask)).toEqual([true, true, true, false, false])
    fixture.wait(1_000)
    expect(ask(0)).toBe(true)
  })

  it.each<[string, Partial<HashRange>, boolean]>([
    ['that we lack', { index: 8 }, false],
    ['behind the end', { index: 16 }, false],
    ['above the leaves', { baseLayer: 1, index: 2, length: 2 }, false],
    ['while choked', {}, true],
    ['of three', { length: 3 }, false],
    ['with more uncles than there are', { proofLayers: 99 }, false],
  ])('%s is rejected', (_, change, isChoked) => {
    const { fixture, peer } = asking(change, isChoked)
    expect(fixture.effectsOf('ServeLeaves')).toEqual([])
    expect(peer.toldOf('HashReject')).toHaveLength(1)
  })
})
