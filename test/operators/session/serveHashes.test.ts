import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/codecs/bytes.js'
import { isProven, layerRanges } from '../../../src/codecs/hashProof.js'
import { merkleRoot, padHash } from '../../../src/codecs/merkle.js'
import type { HashRange, WireMessage } from '../../../src/codecs/wire/message.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
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

it('hashes that nobody asked for end the connection, a rejection does not', () => {
  const { fixture, peer } = setup()
  peer.says({ ...range, _tag: 'HashReject' })
  expect(peer.closedFor()).toBeUndefined()
  const before = fixture.model.hashTrees.size
  peer.says({ _tag: 'Hashes', ...range, hashes: layer })
  expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'Hashes that nobody asked for' })
  expect(fixture.model.hashTrees.size).toBe(before)
})
