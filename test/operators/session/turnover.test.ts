import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import {
  DEFAULT_CONNECTION_LIMITS,
  incomingReserve,
} from '../../../src/operators/session/connectionLimits.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import type { FakePeer, PeerOptions, SessionFixture } from '../../support/sessionFixture.js'

const { connections } = DEFAULT_CONNECTION_LIMITS
const MOST = connections + incomingReserve(connections)
const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const useless = { _tag: 'NotNeeded', why: 'useless' }
const tooMany = { _tag: 'NotNeeded', why: 'too-many' }

const fill = (fixture: SessionFixture, count: number, options: PeerOptions = {}): ReadonlyArray<FakePeer> =>
  Array.from({ length: count }, () => fixture.peer(options))
const age = (
  fixture: SessionFixture,
  peers: ReadonlyArray<FakePeer>,
  ms: number = SESSION_LIMITS.uselessMs,
): void => {
  for (let left = ms; left > 0; left -= 30_000) {
    fixture.pass(Math.min(left, 30_000))
    for (const peer of peers) peer.says({ _tag: 'KeepAlive' })
  }
}
const outOf = (peers: ReadonlyArray<FakePeer>): ReadonlyArray<FakePeer> =>
  peers.filter((peer) => peer.model() === undefined)

describe('a full session', () => {
  it('takes nobody in while all may yet be of use', () => {
    const fixture = checkedFixture()
    const idle = fill(fixture, MOST)
    age(fixture, idle, SESSION_LIMITS.uselessMs - 30_000)
    expect(fixture.peer().closedFor()).toEqual(tooMany)
    expect(outOf(idle)).toEqual([])
  })

  it('gives the place of one that has long done nothing to who comes', () => {
    const fixture = checkedFixture()
    const idle = fill(fixture, MOST)
    age(fixture, idle)
    const newcomer = fixture.peer({ has: 'all' })
    expect(newcomer.closedFor()).toBeUndefined()
    expect(outOf(idle).map((peer) => peer.closedFor())).toEqual([useless])
    expect(fixture.model.peers.size).toBe(MOST)
  })

  it('makes room for those who wait to be dialled, and downloads from them', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 1 })
    const idle = fill(fixture, MOST)
    age(fixture, idle)
    fixture.command({ _tag: 'AddPeers', peers: [{ host: '10.9.9.9', port: 9 }] })
    age(fixture, idle, 10_000)
    const [dial] = fixture.effectsOf('Dial')
    const seed = fixture.peer({ key: dial!.peer, direction: 'outgoing', ...dial!.address, has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(2)
    expect(fixture.model.phase).toBe('seeding')
    const left = MOST - outOf(idle).length
    age(fixture, idle)
    expect(MOST - outOf(idle).length, 'with nobody waiting nobody goes').toBe(left)
  })

  it('lets those go first that neither side wants', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1, have: 'xx..' })
    fixture.command({ _tag: 'SetConnectionLimits', connections: 3, unchokeSlots: 3 })
    const wanted = fixture.peer({ has: '0011' })
    const wanting = fixture.peer({ has: '0000' })
    wanting.says({ _tag: 'Interested' })
    const neither = fixture.peer({ has: '1100' })
    const other = fixture.peer({ has: '0010' })
    age(fixture, [wanted, wanting, neither, other])
    fixture.peer()
    expect(neither.closedFor()).toEqual(useless)
    expect([wanted, wanting, other].map((peer) => peer.closedFor())).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it('keeps who has given or taken lately', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 1, have: 'x' })
    fixture.command({ _tag: 'SetConnectionLimits', connections: 2, unchokeSlots: 1 })
    const giver = fixture.peer({ has: 'all' })
    giver.says(UNCHOKE)
    const taker = fixture.peer({ has: '0'.repeat(40) })
    taker.says({ _tag: 'Interested' })
    const idle = fixture.peer({ has: 'all' })
    for (let i = 0; i < 8; i++) {
      age(fixture, [giver, taker, idle], 15_000)
      giver.gives(1)
      const sent = { peer: taker.key, bytes: 16_384, wireBytes: 16_397, isFull: false }
      fixture.feed({ ...sent, _tag: 'BlocksServed', at: fixture.now() })
    }
    fixture.peer()
    expect(idle.closedFor()).toEqual(useless)
    expect([giver, taker].map((peer) => peer.closedFor())).toEqual([undefined, undefined])
  })

  it('keeps who waits for its first turn: it is we who choke it', () => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    fixture.command({ _tag: 'SetConnectionLimits', connections: 1, unchokeSlots: 0 })
    const waiting = fixture.peer({ has: '0' })
    waiting.says({ _tag: 'Interested' })
    const idle = fixture.peer({ has: '0' })
    age(fixture, [waiting, idle], 600_000)
    expect(fixture.peer({ has: '0' }).closedFor()).toBeUndefined()
    expect(idle.closedFor()).toEqual(useless)
    expect(fixture.peer({ has: '0' }).closedFor()).toEqual(tooMany)
  })

  it('does not dial somebody useless again at once', () => {
    const fixture = checkedFixture({ peers: [{ host: '10.9.9.9', port: 9 }] })
    fixture.command({ _tag: 'SetConnectionLimits', connections: 1, unchokeSlots: 1 })
    const [dial] = fixture.effectsOf('Dial')
    const idle = fixture.peer({ key: dial!.peer, direction: 'outgoing', ...dial!.address })
    age(fixture, [idle])
    fixture.command({ _tag: 'AddPeers', peers: [{ host: '10.8.8.8', port: 8 }], source: 'tracker' })
    fixture.pass(500)
    expect(idle.closedFor()).toEqual(useless)
    expect(fixture.effectsOf('Dial').map(({ address }) => address.host)).toEqual(['10.9.9.9', '10.8.8.8'])
  })
})

describe('SetConnectionLimits', () => {
  it('closes who is too many, the least useful first', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 1 })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(8)
    fixture.pass(2_000)
    const others = fill(fixture, 9, { has: '0'.repeat(40) })
    fixture.command({ _tag: 'SetConnectionLimits', connections: 2, unchokeSlots: 1 })
    expect(fixture.model.peers.size).toBe(2)
    expect(seed.closedFor()).toBeUndefined()
    expect(outOf(others).map((peer) => peer.closedFor())).toEqual(Array.from({ length: 8 }, () => tooMany))
  })

  it('serves no more peers than there are slots, at once', () => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    const takers = fill(fixture, 6, { has: '0' })
    for (const taker of takers) taker.says({ _tag: 'Interested' })
    const unchoked = (): number => takers.filter((peer) => peer.model()?.amChoking === false).length
    expect(unchoked()).toBe(6)
    fixture.command({ _tag: 'SetConnectionLimits', connections: 50, unchokeSlots: 2 })
    expect(unchoked()).toBe(2)
    fixture.command({ _tag: 'SetConnectionLimits', connections: 50, unchokeSlots: 4 })
    expect(unchoked()).toBe(4)
  })

  it('lets more be dialled', () => {
    const peers = Array.from({ length: 20 }, (_, i) => ({ host: `10.7.0.${String(i)}`, port: 1 }))
    const fixture = checkedFixture()
    fixture.command({ _tag: 'SetConnectionLimits', connections: 1, unchokeSlots: 1 })
    fixture.command({ _tag: 'AddPeers', peers })
    expect(fixture.effectsOf('Dial')).toHaveLength(1)
    fixture.command({ _tag: 'SetConnectionLimits', connections: 12, unchokeSlots: 1 })
    expect(fixture.effectsOf('Dial')).toHaveLength(12)
  })

  it.each([
    [0, 8],
    [1.5, 8],
    [10_001, 8],
    [Number.NaN, 8],
    [50, -1],
    [50, 0.5],
  ])('is refused for %s connections and %s slots', (wanted, unchokeSlots) => {
    const fixture = checkedFixture()
    fixture.command({ _tag: 'SetConnectionLimits', connections: wanted, unchokeSlots })
    expect(fixture.model.connections).toBe(connections)
    expect(fixture.noticesOf('CommandRefused')).toHaveLength(1)
  })
})
