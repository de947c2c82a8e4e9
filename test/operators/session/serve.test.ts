import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import type { SessionPolicies } from '../../../src/operators/session/policies.js'
import { makeV2Torrent } from '../../support/makeV2Torrent.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { type FakePeer, type SessionFixture, storageFault } from '../../support/sessionFixture.js'

const BLOCK = 16_384
const request = (piece: number, block = 0): WireMessage => ({
  _tag: 'Request',
  piece,
  begin: block * BLOCK,
  length: BLOCK,
})

const seeding = (
  options: {
    readonly fast?: boolean
    readonly have?: string
    readonly policies?: Partial<SessionPolicies>
  } = {},
): { fixture: SessionFixture; peer: FakePeer } => {
  const { have = 'x'.repeat(16), fast = true, policies = {} } = options
  const fixture = checkedFixture({ pieces: have.length, blocks: 4, have, policies })
  const peer = fixture.peer({ has: '0'.repeat(have.length), fast })
  peer.says({ _tag: 'Interested' })
  return { fixture, peer }
}

/** The socket has taken what was served. */
const served = (fixture: SessionFixture, peer: FakePeer, isFull = false): void => {
  const bytes = peer.model()!.servingBytes
  fixture.feed({
    _tag: 'BlocksServed',
    at: fixture.now(),
    peer: peer.key,
    bytes,
    wireBytes: bytes + 13,
    isFull,
  })
}

describe('requests of a peer', () => {
  it('are served, neighbours in one read', () => {
    const { fixture, peer } = seeding()
    peer.says(request(3, 0), request(3, 1), request(3, 2), request(5, 0), request(5, 2))
    expect(fixture.effectsOf('ServeBlocks')).toEqual([
      { _tag: 'ServeBlocks', peer: peer.key, piece: 3, begin: 0, length: 3 * BLOCK, blockLength: BLOCK },
      { _tag: 'ServeBlocks', peer: peer.key, piece: 5, begin: 0, length: BLOCK, blockLength: BLOCK },
      { _tag: 'ServeBlocks', peer: peer.key, piece: 5, begin: 2 * BLOCK, length: BLOCK, blockLength: BLOCK },
    ])
    served(fixture, peer)
    expect(fixture.model.uploaded).toBe(5 * BLOCK)
  })

  it.each([true, false])('for what we lack are refused, in words with BEP 6 (%s)', (fast) => {
    const { fixture, peer } = seeding({ have: 'x...', fast })
    peer.says(request(2))
    expect(fixture.effectsOf('ServeBlocks')).toEqual([])
    expect(peer.toldOf('RejectRequest')).toHaveLength(fast ? 1 : 0)
    expect(peer.closedFor()).toBeUndefined()
  })

  it('while choked are refused', () => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    const peer = fixture.peer({ has: '0' })
    peer.says(request(0))
    expect(peer.toldOf('RejectRequest')).toHaveLength(1)
    expect(fixture.effectsOf('ServeBlocks')).toEqual([])
  })

  it('wait while its socket is full, and are thrown away by a choke', () => {
    const { fixture, peer } = seeding()
    peer.says(request(0))
    served(fixture, peer, true)
    peer.says(request(1), request(2))
    expect(fixture.effectsOf('ServeBlocks')).toHaveLength(1)
    fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: peer.key })
    expect(fixture.effectsOf('ServeBlocks')).toHaveLength(3)
    served(fixture, peer, true)
    peer.says(request(3), { _tag: 'NotInterested' })
    fixture.pass(SESSION_LIMITS.chokeRoundMs)
    expect(peer.toldOf('Choke')).toHaveLength(1)
    expect(peer.toldOf('RejectRequest')).toMatchObject([{ piece: 3 }])
    fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: peer.key })
    expect(fixture.effectsOf('ServeBlocks')).toHaveLength(3)
  })

  it('are taken back by a cancel, which BEP 6 answers', () => {
    const { fixture, peer } = seeding()
    peer.says(request(0))
    served(fixture, peer, true)
    peer.says(request(1), request(2), { _tag: 'Cancel', piece: 1, begin: 0, length: BLOCK })
    expect(peer.toldOf('RejectRequest')).toMatchObject([{ piece: 1 }])
    fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: peer.key })
    expect(fixture.effectsOf('ServeBlocks').map(({ piece }) => piece)).toEqual([0, 2])
  })

  it('keep to the upload limit', () => {
    const { fixture, peer } = seeding({ policies: { rate: () => ({ down: Infinity, up: 50_000 }) } })
    fixture.pass(250)
    for (let second = 0; second < 40; second++) {
      if (second % 4 === 0) peer.says(...Array.from({ length: 16 }, (_, piece) => request(piece)))
      served(fixture, peer)
      fixture.pass(1_000)
    }
    served(fixture, peer)
    expect(fixture.model.uploaded).toBeGreaterThan(40 * 50_000 * 0.7)
    expect(fixture.model.uploaded).toBeLessThan(40 * 50_000 * 1.2)
  })
})

describe('an upload limit', () => {
  it('gets back what was read for a peer that left, or could not be read', () => {
    const { fixture, peer } = seeding()
    fixture.command({ _tag: 'SetLimits', scope: 'session', down: Infinity, up: 1_000_000 })
    fixture.pass(250)
    const { bucket } = fixture.model.allowance.up
    expect(bucket.tokens).toBe(250_000)
    peer.says(request(0), request(2))
    expect(bucket.tokens).toBe(250_000 - 2 * BLOCK)
    const [first] = fixture.effectsOf('ServeBlocks')
    const error = storageFault({ operation: 'read' })
    fixture.feed({ ...first!, _tag: 'ServeFailed', at: fixture.now(), error })
    expect(bucket.tokens).toBe(250_000 - BLOCK)
    peer.closes()
    expect(bucket.tokens).toBe(250_000)
  })
})

describe('a peer that asks and does not read', () => {
  it('has a bounded number of bytes read for it, and a bounded queue', () => {
    const { fixture, peer } = seeding()
    for (let i = 0; i < 200; i++) peer.says(...Array.from({ length: 8 }, (_, n) => request((i + n) % 16)))
    const read = fixture.effectsOf('ServeBlocks').reduce((sum, { length }) => sum + length, 0)
    expect(read).toBeLessThanOrEqual(SESSION_LIMITS.servingBytes + SESSION_LIMITS.serveRun)
    expect(peer.model()!.uploads.length).toBeLessThanOrEqual(SESSION_LIMITS.uploadQueue + 256)
  })
})

describe('floods', () => {
  it.each([true, false])('of requests while choked end the connection (BEP 6: %s)', (fast) => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    const peer = fixture.peer({ has: '0', fast })
    const many = Array.from({ length: 1_000 }, () => request(0))
    for (let i = 0; i < 200; i++) peer.says(...many)
    expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'a flood of requests' })
    expect(peer.toldOf('RejectRequest').length).toBeLessThanOrEqual(SESSION_LIMITS.refusedRequests)
  })

  it('of requests while unchoked end it too: the queue is bounded', () => {
    const { fixture, peer } = seeding()
    const many = Array.from({ length: 1_000 }, () => request(0))
    for (let i = 0; i < 200; i++) peer.says(...many)
    expect(peer.closedFor()?._tag).toBe('ProtocolViolation')
    expect(fixture.model.peers.size).toBe(0)
  })

  it('of requests taken back at once end it too: each is answered, and nobody reads', () => {
    const { fixture, peer } = seeding()
    peer.says(request(0))
    served(fixture, peer, true)
    const pair: ReadonlyArray<WireMessage> = [
      request(1),
      { _tag: 'Cancel', piece: 1, begin: 0, length: BLOCK },
    ]
    for (let i = 0; i < 5_000; i++) peer.says(...pair)
    expect(peer.closedFor()?._tag).toBe('ProtocolViolation')
    expect(peer.toldOf('RejectRequest').length).toBeLessThanOrEqual(SESSION_LIMITS.refusedRequests)
  })

  it('are not what a patient peer makes that gets its blocks in between', () => {
    const { fixture, peer } = seeding()
    for (let i = 0; i < 20; i++) {
      peer.says(request(0))
      served(fixture, peer, true)
      for (let n = 0; n < 200; n++)
        peer.says(request(1), { _tag: 'Cancel', piece: 1, begin: 0, length: BLOCK })
      fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: peer.key })
    }
    expect(peer.closedFor()).toBeUndefined()
  })
})

describe('requests for the end of a file of a v2 torrent', () => {
  const { metainfo } = makeV2Torrent({ pieceLength: 65_536, files: [65_536 + 20_000, 5] })
  const asking = (piece: number, begin: number, length: number): FakePeer => {
    const fixture = checkedFixture({ metainfo, pieces: 3, blocks: 4, have: 'xxx' })
    const peer = fixture.peer({ has: '000' })
    peer.says({ _tag: 'Interested' }, { _tag: 'Request', piece, begin, length })
    return peer
  }

  it.each([
    ['to its last byte', 1, BLOCK, 20_000 - BLOCK],
    ['with the zeros behind it', 1, BLOCK, BLOCK],
    ['with those behind the last file', 2, 0, BLOCK],
  ])('%s are served', (_, piece, begin, length) => {
    expect(asking(piece, begin, length).closedFor()).toBeUndefined()
  })

  it.each([
    ['for zeros alone', 1, 2 * BLOCK, BLOCK],
    ['over the end of the piece', 1, BLOCK, 4 * BLOCK],
  ])('%s are refused', (_, piece, begin, length) => {
    expect(asking(piece, begin, length).closedFor()).toMatchObject({ what: 'Request of a bad length' })
  })
})
