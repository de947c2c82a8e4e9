import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import {
  DEFAULT_CONNECTION_LIMITS as LIMITS,
  incomingReserve,
} from '../../../src/operators/session/connectionLimits.js'
import { bitsOf, drawBits } from '../../support/bits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import { pieceMessage, SELF } from '../../support/sessionFixture.js'

const tags = (messages: ReadonlyArray<WireMessage>): ReadonlyArray<string> => messages.map(({ _tag }) => _tag)

describe('the opening message', () => {
  it.each([
    ['HaveNone to who knows BEP 6, when there is nothing', '', true, ['HaveNone']],
    ['nothing to who does not, when there is nothing', '', false, []],
    ['a bitfield of some', 'x..x', true, ['Bitfield']],
    ['a bitfield of some, without BEP 6', 'x..x', false, ['Bitfield']],
    ['HaveAll of everything', 'xxxx', true, ['HaveAll']],
    ['a bitfield of everything, without BEP 6', 'xxxx', false, ['Bitfield']],
  ])('is %s', (_, have, fast, expected) => {
    const fixture = checkedFixture({ pieces: 4, have })
    expect(tags(fixture.peer({ fast }).told)).toEqual(expected)
  })

  it('has the bits as they are', () => {
    const fixture = checkedFixture({ pieces: 9, have: 'x..x....x' })
    expect(drawBits(fixture.peer().toldOf('Bitfield')[0]!.bits, 9)).toBe('100100001')
  })

  it('is followed by the extended handshake for who knows BEP 10', () => {
    const fixture = checkedFixture()
    expect(tags(fixture.peer({ extended: true }).told)).toEqual(['HaveNone', 'Extended'])
    expect(tags(fixture.peer({ extended: false }).told)).toEqual(['HaveNone'])
  })
})

describe('interest', () => {
  it('is there while the peer has what we lack, and is told when it changes', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 1, have: 'x..' })
    const peer = fixture.peer({ has: '100' })
    expect(tags(peer.told)).toEqual(['Bitfield'])
    peer.says({ _tag: 'Have', piece: 2 })
    expect(tags(peer.told)).toEqual(['Bitfield', 'Interested'])
    peer.says({ _tag: 'Unchoke' })
    peer.gives()
    expect(tags(peer.told).at(-1)).toBe('NotInterested')
    peer.says({ _tag: 'Have', piece: 1 })
    expect(tags(peer.told).slice(-2)).toEqual(['Interested', 'Request'])
  })

  it('counts a have once, however often it is said', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ has: '00000000' })
    for (let i = 0; i < 1_000; i++) peer.says({ _tag: 'Have', piece: 3 })
    expect(peer.model()!.wantedPieces).toBe(1)
    expect(fixture.model.table.availability[3]).toBe(1)
  })

  it('ends with a peer that leaves', () => {
    const fixture = checkedFixture()
    for (const has of ['all', '10101010']) {
      fixture.peer({ has }).closes()
    }
    expect([...fixture.model.table.availability]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    expect(fixture.model.table.seeds).toBe(0)
  })
})

describe('a later bitfield', () => {
  it('adds what is new, and takes nothing back', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ has: '11000000' })
    peer.says({ _tag: 'Unchoke' }, { _tag: 'Bitfield', bits: bitsOf('01100000') })
    expect(drawBits(peer.model()!.bits!, 8)).toBe('11100000')
    expect(peer.model()!.pieceCount).toBe(3)
    peer.says({ _tag: 'Bitfield', bits: bitsOf('11111111') })
    expect(peer.model()!.bits).toBeUndefined()
    expect(fixture.model.table.seeds).toBe(1)
  })
})

describe('a later HaveAll', () => {
  it('adds what is missing, and counts a seed once', () => {
    const fixture = checkedFixture({ pieces: 8, blocks: 1, have: 'x' })
    const peer = fixture.peer({ has: '11000000' })
    peer.says({ _tag: 'Have', piece: 2 }, { _tag: 'HaveAll' }, { _tag: 'HaveAll' })
    expect(peer.closedFor()).toBeUndefined()
    expect(peer.model()!.bits).toBeUndefined()
    expect(peer.model()!.wantedPieces).toBe(7)
    expect(fixture.model.table.seeds).toBe(1)
    expect([...fixture.model.table.availability]).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
    peer.closes()
    expect(fixture.model.table.seeds).toBe(0)
  })

  it('makes one interested who was not', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 1, have: 'x' })
    const peer = fixture.peer({ has: '100' })
    expect(tags(peer.told)).not.toContain('Interested')
    peer.says({ _tag: 'Unchoke' }, { _tag: 'HaveAll' })
    expect(tags(peer.told)).toContain('Interested')
    expect(tags(peer.told)).toContain('Request')
  })

  it('of a seed to a seed parts them', () => {
    const fixture = checkedFixture({ pieces: 3, have: 'xxx' })
    const peer = fixture.peer({ has: '110' })
    peer.says({ _tag: 'HaveAll' })
    expect(peer.closedFor()?._tag).not.toBe('ProtocolViolation')
    expect(peer.model()).toBeUndefined()
  })
})

describe('what breaks the protocol', () => {
  const bits = bitsOf('10000000')
  const request = { piece: 0, begin: 0, length: 16_384 }
  it.each<[string, boolean, ReadonlyArray<WireMessage>]>([
    ['a have out of range', true, [{ _tag: 'Have', piece: 8 }]],
    ['a have far out of range', true, [{ _tag: 'Have', piece: 0xffffffff }]],
    ['a bitfield that is short', true, [{ _tag: 'Bitfield', bits: new Uint8Array(0) }]],
    ['a bitfield that is long', true, [{ _tag: 'Bitfield', bits: new Uint8Array(2) }]],
    ['HaveNone after a bitfield', true, [{ _tag: 'Bitfield', bits }, { _tag: 'HaveNone' }]],
    ['HaveNone after HaveAll', true, [{ _tag: 'HaveAll' }, { _tag: 'HaveNone' }]],
    [
      'a late HaveAll without BEP 6',
      false,
      [{ _tag: 'Bitfield', bits }, { _tag: 'Unchoke' }, { _tag: 'HaveAll' }],
    ],
    ['HaveNone after a have', true, [{ _tag: 'Have', piece: 0 }, { _tag: 'HaveNone' }]],
    ['HaveAll without BEP 6', false, [{ _tag: 'HaveAll' }]],
    ['HaveNone without BEP 6', false, [{ _tag: 'HaveNone' }]],
    ['a reject without BEP 6', false, [{ _tag: 'RejectRequest', ...request }]],
    ['a suggestion without BEP 6', false, [{ _tag: 'SuggestPiece', piece: 0 }]],
    ['allowed fast without BEP 6', false, [{ _tag: 'AllowedFast', piece: 0 }]],
    ['allowed fast out of range', true, [{ _tag: 'AllowedFast', piece: 8 }]],
    ['a request out of range', true, [{ _tag: 'Request', ...request, piece: 8 }]],
    ['a request of nothing', true, [{ _tag: 'Request', ...request, length: 0 }]],
    ['a request beyond the piece', true, [{ _tag: 'Request', ...request, begin: 16_385 }]],
    ['a request that wraps around', true, [{ _tag: 'Request', ...request, begin: 0xffffffff }]],
    ['a request of 2 GiB', true, [{ _tag: 'Request', ...request, length: 0x7fffffff }]],
  ])('%s closes the connection, with a reason', (_, fast, messages) => {
    const fixture = checkedFixture({ pieces: 8, have: 'x' })
    const peer = fixture.peer({ fast })
    peer.says(...messages)
    expect(peer.closedFor()?._tag).toBe('ProtocolViolation')
    expect(peer.model()).toBeUndefined()
    expect(fixture.noticesOf('PeerClosed')).toHaveLength(1)
  })

  it.each<[string, boolean, ReadonlyArray<WireMessage>]>([
    [
      'keep-alives and an extended handshake before the bitfield',
      true,
      [
        { _tag: 'KeepAlive' },
        { _tag: 'Extended', id: 0, payload: Uint8Array.from(Buffer.from('de')) },
        { _tag: 'Bitfield', bits },
      ],
    ],
    [
      'an extended handshake that cannot be read',
      true,
      [{ _tag: 'Extended', id: 0, payload: new Uint8Array(9) }],
    ],
    [
      'an unknown extension, message and port',
      true,
      [
        { _tag: 'Extended', id: 77, payload: new Uint8Array(9) },
        { _tag: 'Unknown', id: 200, length: 5 },
        { _tag: 'Port', port: 0 },
      ],
    ],
    ['a bitfield after HaveAll', true, [{ _tag: 'HaveAll' }, { _tag: 'Bitfield', bits }]],
    [
      'no bitfield at all',
      true,
      [
        { _tag: 'Have', piece: 1 },
        { _tag: 'Have', piece: 1 },
      ],
    ],
    ['a suggestion out of range', true, [{ _tag: 'SuggestPiece', piece: 99 }]],
    ['a request while choked', true, [{ _tag: 'Request', ...request }]],
    ['a cancel for nothing', true, [{ _tag: 'Cancel', ...request }]],
    ['a reject for nothing', true, [{ _tag: 'RejectRequest', ...request }]],
    [
      'choke, unchoke and interest, twice each',
      false,
      [
        { _tag: 'Choke' },
        { _tag: 'Choke' },
        { _tag: 'Unchoke' },
        { _tag: 'Unchoke' },
        { _tag: 'Interested' },
        { _tag: 'Interested' },
        { _tag: 'NotInterested' },
        { _tag: 'NotInterested' },
      ],
    ],
  ])('%s does not', (_, fast, messages) => {
    const fixture = checkedFixture({ pieces: 8, have: 'x' })
    const peer = fixture.peer({ fast })
    peer.says(...messages)
    expect(peer.closedFor()).toBeUndefined()
  })
})

describe('connections', () => {
  it('to ourselves are closed at both ends, and the address is never dialled again', () => {
    const address = { host: '127.0.0.1', port: 6_881 }
    const fixture = checkedFixture({ peers: [address] })
    const [dial] = fixture.effectsOf('Dial')
    const incoming = fixture.peer({ id: SELF, host: address.host, port: 50_000 })
    const outgoing = fixture.peer({ id: SELF, key: dial!.peer, direction: 'outgoing', ...address })
    expect(incoming.closedFor()).toEqual({ _tag: 'SelfConnection' })
    expect(outgoing.closedFor()).toEqual({ _tag: 'SelfConnection' })
    fixture.pass(3_600_000)
    fixture.command({ _tag: 'AddPeers', peers: [address] })
    fixture.pass(60_000)
    expect(fixture.effectsOf('Dial')).toHaveLength(1)
  })

  it.each([
    ['smaller', 1],
    ['larger', 0xff00],
  ])('with the same peer twice: one stays, the same one at both ends (their id is %s)', (_, id) => {
    const host = '10.0.0.9'
    const kept = (directions: ReadonlyArray<'incoming' | 'outgoing'>): ReadonlyArray<string> => {
      const fixture = checkedFixture()
      const peers = directions.map((direction) => fixture.peer({ id, host, direction }))
      return directions.filter((_direction, at) => peers[at]!.closedFor() === undefined)
    }
    const oneWay = kept(['incoming', 'outgoing'])
    expect(oneWay).toHaveLength(1)
    expect(kept(['outgoing', 'incoming'])).toEqual(oneWay)
    // We are the larger id in one case and the smaller in the other: what we dialled stays when ours is larger.
    expect(oneWay).toEqual([id === 1 ? 'outgoing' : 'incoming'])
  })

  it('of one direction with the same peer: the older one stays', () => {
    const fixture = checkedFixture()
    const [older, newer] = [fixture.peer({ id: 5 }), fixture.peer({ id: 5, host: '10.0.0.5' })]
    expect(older.closedFor()).toBeUndefined()
    expect(newer.closedFor()).toEqual({ _tag: 'DuplicateConnection' })
  })

  it('that borrow the id of another host do not push its owner out', () => {
    const fixture = checkedFixture()
    const owner = fixture.peer({ id: 5, host: '10.0.0.5', direction: 'outgoing' })
    fixture.peer({ id: 5, host: '10.6.6.6' })
    expect(owner.closedFor()).toBeUndefined()
  })

  it('are accepted up to a bound', () => {
    const fixture = checkedFixture()
    const most = LIMITS.connections + incomingReserve(LIMITS.connections)
    const peers = Array.from({ length: most + 5 }, () => fixture.peer())
    expect(peers.filter((peer) => peer.closedFor() === undefined)).toHaveLength(most)
    expect(peers.at(-1)!.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'too-many' })
  })

  it('of two seeds end, whoever comes when, and are not made again at once', () => {
    const fixture = checkedFixture({
      pieces: 2,
      blocks: 1,
      have: 'xx',
      peers: [{ host: '10.0.0.7', port: 7 }],
    })
    const [dial] = fixture.effectsOf('Dial')
    const seeds = [
      fixture.peer({ has: 'all', direction: 'outgoing', key: dial!.peer, host: '10.0.0.7', port: 7 }),
      fixture.peer({ has: 'all', fast: false }),
      fixture.peer({ has: '10' }),
    ]
    seeds[2]!.says({ _tag: 'Have', piece: 1 })
    for (const seed of seeds) expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
    fixture.pass(600_000)
    expect(fixture.effectsOf('Dial')).toHaveLength(1)
  })

  it('with a seed outlive the last piece until it is on the device', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 1, hasQuickDisk: false })
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    seed.gives()
    fixture.answerDisk()
    fixture.answerDisk()
    expect(fixture.model.phase).toBe('seeding')
    expect(seed.closedFor()).toBeUndefined()
    fixture.answerDisk()
    expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'both-seeds' })
  })

  it('of a host that the user bans are closed, and refused from then on', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer({ id: 3, host: '10.9.9.9' })
    fixture.command({ _tag: 'Ban', host: '10.9.9.9' })
    expect(peer.closedFor()).toEqual({ _tag: 'Banned' })
    expect(fixture.peer({ id: 4, host: '10.9.9.9' }).closedFor()).toEqual({ _tag: 'Banned' })
  })
})

describe('floods', () => {
  it('of valid haves cost next to nothing', () => {
    const fixture = checkedFixture({ pieces: 8 })
    const peer = fixture.peer()
    const haves = Array.from({ length: 10_000 }, (_, i): WireMessage => ({ _tag: 'Have', piece: i % 8 }))
    for (let i = 0; i < 100; i++) peer.says(...haves)
    expect(peer.closedFor()).toBeUndefined()
    expect(peer.told.length).toBeLessThan(10)
  })

  it('of changes of mind do not ask the choke policy each time', () => {
    let asked = 0
    const choke = (): ReadonlySet<number> => {
      asked++
      return new Set([1])
    }
    const fixture = checkedFixture({ policies: { choke } })
    const peer = fixture.peer()
    asked = 0
    for (let i = 0; i < 1_000; i++) peer.says({ _tag: 'Interested' }, { _tag: 'NotInterested' })
    expect(asked).toBeLessThanOrEqual(1)
  })

  it('of payload that nobody asked for are counted, and end the connection', () => {
    const fixture = checkedFixture()
    const peer = fixture.peer()
    let sent = 0
    while (peer.closedFor() === undefined && sent < 10_000) {
      peer.says(pieceMessage(fixture, sent % 8))
      sent++
    }
    expect(sent).toBe(65)
    expect(fixture.model.wasted).toBe(65 * 16_384)
    expect(fixture.effectsOf('StoreBlock')).toEqual([])
  })
})
