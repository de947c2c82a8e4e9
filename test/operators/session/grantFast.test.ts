import { describe, expect, it } from 'vitest'
import * as O from '#fp/Option'
import { allowedFastSet } from '../../../src/codecs/allowedFast.js'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import type { FakePeer, SessionFixture } from '../../support/sessionFixture.js'

const BLOCK = 16_384
const nobody = { policies: { choke: () => new Set<number>() } }
const block = (piece: number, at = 0) => ({ piece, begin: at * BLOCK, length: BLOCK })
const request = (piece: number, at = 0): WireMessage => ({ _tag: 'Request', ...block(piece, at) })

const granted = (peer: FakePeer): ReadonlyArray<number> =>
  peer.toldOf('AllowedFast').map(({ piece }) => piece)

const setOf = ({ model }: SessionFixture, host: string): ReadonlyArray<number> =>
  O.toUndefined(
    allowedFastSet({
      host,
      infohash: new Uint8Array(20).fill(7),
      pieceCount: model.table.pieceCount,
      size: 5,
    }),
  ) ?? []

const seed = (pieces = 40): SessionFixture => checkedFixture({ pieces, have: 'x'.repeat(pieces), ...nobody })

const newcomer = (fixture: SessionFixture, options: Parameters<SessionFixture['peer']>[0] = {}): FakePeer => {
  const peer = fixture.peer({
    host: '80.4.4.200',
    has: '0'.repeat(fixture.model.table.pieceCount),
    ...options,
  })
  peer.says({ _tag: 'Interested' })
  return peer
}

describe('grantFast', () => {
  it('allows a newcomer the canonical set of its network, and serves it while choked (R36)', () => {
    const fixture = seed()
    const peer = newcomer(fixture)
    const [first = 0] = granted(peer)
    expect(granted(peer)).toEqual(setOf(fixture, '80.4.4.1'))
    peer.says(request(first))
    expect(fixture.effectsOf('ServeBlocks')).toMatchObject([{ piece: first, length: BLOCK }])
    const other = fixture.model.table.pieceCount - 1
    expect(granted(peer)).not.toContain(other)
    peer.says(request(other))
    expect(peer.toldOf('RejectRequest')).toMatchObject([block(other)])
  })

  it('allows every piece of a torrent that has fewer than the set', () => {
    expect([...granted(newcomer(seed(2)))].sort()).toEqual([0, 1])
    expect(granted(newcomer(seed(1)))).toEqual([0])
  })

  it('allows only what we have', () => {
    const fixture = checkedFixture({ pieces: 40, ...nobody })
    expect(granted(newcomer(fixture))).toEqual([])
  })

  it('serves each block twice at most', () => {
    const fixture = seed()
    const peer = newcomer(fixture)
    const [first = 0] = granted(peer)
    for (let i = 0; i < 10; i++) peer.says(request(first, 0), request(first, 1))
    expect(peer.toldOf('RejectRequest')).toHaveLength(20 - 4)
  })

  it.each([
    ['without BEP 6', { fast: false }],
    ['of IPv6', { host: '2001:db8::1' }],
    ['with pieces to trade', { has: `11111${'0'.repeat(35)}` }],
  ])('allows nothing to a peer %s', (_what, options) => {
    expect(granted(newcomer(seed(), options))).toEqual([])
  })

  it('allows nothing to whom has a slot, and nothing twice', () => {
    const fixture = checkedFixture({ pieces: 40, have: 'x'.repeat(40) })
    expect(granted(newcomer(fixture))).toEqual([])
    const peer = newcomer(seed())
    peer.says({ _tag: 'NotInterested' }, { _tag: 'Interested' })
    expect(granted(peer)).toHaveLength(5)
  })

  it('serves nothing at all while paused', () => {
    const fixture = seed()
    const peer = newcomer(fixture)
    const [first = 0] = granted(peer)
    peer.model()!.isFull = true
    peer.says(request(first))
    fixture.command({ _tag: 'SetDesired', desired: 'paused' })
    expect(peer.toldOf('RejectRequest')).toMatchObject([block(first)])
    peer.says(request(first))
    expect(peer.toldOf('RejectRequest')).toHaveLength(2)
    expect(peer.model()!.uploads).toEqual([])
  })

  it('allows nothing where there are no slots', () => {
    const fixture = seed()
    fixture.command({ _tag: 'SetConnectionLimits', connections: 50, unchokeSlots: 0 })
    expect(granted(newcomer(fixture))).toEqual([])
  })

  it('keeps what is allowed of what waits when the peer is choked', () => {
    let chosen: ReadonlySet<number> = new Set()
    const fixture = checkedFixture({ pieces: 40, have: 'x'.repeat(40), policies: { choke: () => chosen } })
    const peer = newcomer(fixture)
    const [first = 0] = granted(peer)
    const other = [0, 1, 2, 3, 4, 5].find((piece) => !granted(peer).includes(piece))!
    chosen = new Set([peer.key])
    fixture.pass(10_250)
    peer.model()!.isFull = true
    peer.says(request(first), request(other))
    chosen = new Set()
    fixture.pass(10_250)
    expect(peer.toldOf('Choke')).toHaveLength(1)
    expect(peer.toldOf('RejectRequest')).toMatchObject([block(other)])
    expect(peer.model()!.uploads).toEqual([block(first)])
  })
})
