import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeUtPex, PEX_FLAG, type UtPex } from '../../../../src/codecs/wire/utPex.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import {
  extendedHandshake,
  extendedPeer,
  toldExtended,
  toldHandshakes,
} from '../../../support/extendedPeer.js'
import { type FakePeer, type SessionFixture, sessionFixture } from '../../../support/sessionFixture.js'

const toldTo = (peer: FakePeer): ReadonlyArray<UtPex> =>
  toldExtended(peer, 'ut_pex')
    .map(decodeUtPex)
    .flatMap((message) => (E.isRight(message) ? [message.right] : []))

const hosts = (peers: ReadonlyArray<{ readonly host: string }>): ReadonlyArray<string> =>
  peers.map(({ host }) => host)

/** Minutes in which every peer keeps its connection. */
const passAlive = (fixture: SessionFixture, ms: number, peers: ReadonlyArray<FakePeer>): void => {
  for (let left = ms; left > 0; left -= 30_000) {
    fixture.pass(Math.min(left, 30_000))
    for (const peer of peers) peer.says({ _tag: 'KeepAlive' })
  }
}

describe('tellPeers', () => {
  it('tells who can be dialled, and what they are, soon after the handshake', () => {
    const fixture = checkedFixture({ pieces: 4 })
    fixture.peer({ direction: 'outgoing', host: '10.1.0.1', port: 1_001, has: 'all' })
    fixture.peer({ direction: 'outgoing', host: '2001:db8::2', port: 1_002 })
    extendedPeer(fixture, [], { host: '10.1.0.3', port: 50_000, listens: 1_003 })
    fixture.peer({ host: '10.1.0.4', port: 50_000 })
    const partial = extendedPeer(fixture, [], { host: '10.1.0.5', listens: 1_005 })
    partial.says(extendedHandshake({ uploadOnly: true }))
    const peer = extendedPeer(fixture, ['ut_pex'], { host: '10.1.0.6', listens: 1_006 })
    fixture.pass(250)
    expect(toldTo(peer)).toEqual([
      {
        added: [
          { host: '10.1.0.1', port: 1_001, flags: PEX_FLAG.uploadOnly | PEX_FLAG.reachable },
          { host: '10.1.0.3', port: 1_003, flags: 0 },
          { host: '10.1.0.5', port: 1_005, flags: PEX_FLAG.uploadOnly },
          { host: '2001:db8::2', port: 1_002, flags: PEX_FLAG.reachable },
        ],
        dropped: [],
      },
    ])
  })

  it('tells what changed, once a minute, and nothing when nothing has', () => {
    const fixture = checkedFixture()
    const first = extendedPeer(fixture, [], { host: '10.1.0.1', listens: 1 })
    const peer = extendedPeer(fixture, ['ut_pex'], { host: '10.1.0.9' })
    const all = [first, peer]
    passAlive(fixture, 1_000, all)
    expect(toldTo(peer).map(({ added }) => hosts(added))).toEqual([['10.1.0.1']])
    const second = extendedPeer(fixture, [], { host: '10.1.0.2', listens: 1 })
    all.push(second)
    passAlive(fixture, 50_000, all)
    expect(toldTo(peer).length, 'within the minute').toBe(1)
    first.closes()
    passAlive(fixture, 10_000, all)
    expect(toldTo(peer)[1]).toEqual({
      added: [{ host: '10.1.0.2', port: 1, flags: 0 }],
      dropped: [{ host: '10.1.0.1', port: 1 }],
    })
    passAlive(fixture, 300_000, all)
    expect(toldTo(peer).length, 'no news').toBe(2)
    extendedPeer(fixture, [], { host: '10.1.0.3', listens: 1 })
    fixture.pass(5_250)
    expect(toldTo(peer).length, 'news after a long time').toBe(3)
  })

  it('tells at most 50 in a message, and remembers at most 200 for a peer', () => {
    const fixture = sessionFixture()
    fixture.command({ _tag: 'SetConnectionLimits', connections: 400, unchokeSlots: 8 })
    const others = Array.from({ length: 260 }, (_, i) => extendedPeer(fixture, [], { listens: 1_000 + i }))
    const peer = extendedPeer(fixture, ['ut_pex'])
    passAlive(fixture, 10 * 60_000, [...others, peer])
    expect(toldTo(peer).map(({ added }) => added.length)).toEqual([50, 50, 50, 50])
    for (const other of others.slice(0, 100)) other.closes()
    passAlive(fixture, 10 * 60_000, [...others.slice(100), peer])
    const later = toldTo(peer).slice(4)
    expect(later.map(({ dropped }) => dropped.length)).toEqual([50, 50, 0].slice(0, later.length))
    expect(later.reduce((sum, { added }) => sum + added.length, 0)).toBe(60)
    expect(peer.model()!.exchange.told.length).toBe(160)
  })

  it('does not tell a peer of itself, nor strangers of a home network', () => {
    const fixture = checkedFixture()
    extendedPeer(fixture, [], { host: '192.168.0.7', listens: 1 })
    fixture.peer({ direction: 'outgoing', host: 'name.example', port: 1 })
    const far = extendedPeer(fixture, ['ut_pex'], { host: '8.8.8.8', listens: 2 })
    const near = extendedPeer(fixture, ['ut_pex'], { host: '192.168.0.8', listens: 3 })
    fixture.pass(1_000)
    expect(toldTo(far)).toEqual([])
    expect(toldTo(near).map(({ added }) => hosts(added))).toEqual([['192.168.0.7', '8.8.8.8']])
  })

  it('stops when the peer switches it off', () => {
    const fixture = checkedFixture()
    extendedPeer(fixture, [], { listens: 1 })
    const peer = extendedPeer(fixture, ['ut_pex'])
    peer.says(extendedHandshake({ extensions: new Map([['ut_pex', 0]]) }))
    fixture.pass(1_000)
    expect(toldTo(peer)).toEqual([])
  })

  it('says nothing while paused', () => {
    const fixture = checkedFixture()
    extendedPeer(fixture, [], { listens: 1 })
    const peer = extendedPeer(fixture, ['ut_pex'])
    fixture.command({ _tag: 'SetDesired', desired: 'paused' })
    fixture.pass(60_000)
    expect(toldTo(peer)).toEqual([])
  })

  it.each([
    ['of a private torrent (R83)', { isPrivate: true }],
    ['where it is switched off', { pex: false }],
  ])('says nothing, and offers nothing, %s', (_where, options) => {
    const fixture = checkedFixture(options)
    const others = [1, 2, 3].map((port) => extendedPeer(fixture, ['ut_pex'], { listens: port }))
    passAlive(fixture, 300_000, others)
    for (const other of others) {
      expect(toldTo(other)).toEqual([])
      expect(toldHandshakes(other).map(({ extensions }) => extensions.has('ut_pex'))).toEqual([false])
    }
  })
})
