import { describe, expect, it } from 'vitest'
import type { PeerAddress } from '../../../../src/codecs/peerAddress.js'
import { encodeUtPex, PEX_FLAG } from '../../../../src/codecs/wire/utPex.js'
import { candidateStates } from '../../../../src/operators/peer/candidates.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import { extendedHandshake, extendedMessage, extendedPeer } from '../../../support/extendedPeer.js'
import type { FakePeer, SessionFixture } from '../../../support/sessionFixture.js'

const strangers = (count: number, from = 0): ReadonlyArray<PeerAddress> =>
  Array.from({ length: count }, (_, i) => ({ host: `10.9.${String(from)}.${String(i)}`, port: 7_000 }))

const tells = (
  peer: FakePeer,
  added: ReadonlyArray<PeerAddress>,
  {
    flags = 0,
    dropped = [],
  }: { readonly flags?: number; readonly dropped?: ReadonlyArray<PeerAddress> } = {},
): void => {
  const payload = encodeUtPex({ added: added.map((address) => ({ ...address, flags })), dropped })
  peer.says(extendedMessage('ut_pex', payload))
}

const found = ({ model }: SessionFixture): ReadonlyArray<string> =>
  candidateStates(model.candidates)
    .filter(({ source }) => source === 'pex')
    .map(({ host }) => host)

describe('ut_pex', () => {
  it('finds peers, and dials them at once', () => {
    const fixture = checkedFixture()
    const peer = extendedPeer(fixture, ['ut_pex'])
    tells(peer, strangers(2))
    expect(found(fixture)).toEqual(['10.9.0.0', '10.9.0.1'])
    expect(fixture.effectsOf('Dial').map(({ address }) => address)).toEqual(
      expect.arrayContaining([...strangers(2)]),
    )
  })

  it('is taken once a minute, and who floods with it goes (R43)', () => {
    const fixture = checkedFixture()
    const peer = extendedPeer(fixture, ['ut_pex'])
    for (let i = 0; i < 10_000; i++) tells(peer, strangers(50, i % 200))
    expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'a flood of ut_pex' })
    expect(found(fixture).length).toBeLessThanOrEqual(50)
  })

  it('may come a little early now and then', () => {
    const fixture = checkedFixture()
    const peer = extendedPeer(fixture, ['ut_pex'])
    for (let i = 0; i < 40; i++) {
      tells(peer, strangers(1, i))
      fixture.pass(26_000)
      peer.says({ _tag: 'KeepAlive' })
    }
    expect(peer.closedFor()).toBeUndefined()
    expect(found(fixture).length).toBe(20)
  })

  it('has 50 addresses of a peer, until it takes some back', () => {
    const fixture = checkedFixture()
    const peer = extendedPeer(fixture, ['ut_pex'])
    const later = (): void => {
      fixture.pass(60_000)
      peer.says({ _tag: 'KeepAlive' })
    }
    tells(peer, strangers(30))
    later()
    tells(peer, strangers(30, 1))
    expect(found(fixture).length).toBe(50)
    later()
    tells(peer, strangers(30, 2))
    expect(found(fixture).length).toBe(50)
    later()
    tells(peer, strangers(10, 3), { dropped: strangers(5) })
    expect(found(fixture).length).toBe(55)
  })

  it('is not believed about networks that the peer is not in', () => {
    const fixture = checkedFixture()
    const far = extendedPeer(fixture, ['ut_pex'], { host: '8.8.8.8' })
    tells(far, [
      { host: '127.0.0.1', port: 22 },
      { host: '192.168.0.1', port: 80 },
      { host: '9.9.9.9', port: 80 },
    ])
    expect(found(fixture)).toEqual(['9.9.9.9'])
  })

  it('does not lead to ourselves, nor to who is connected already', () => {
    const fixture = checkedFixture()
    for (let i = 0; i < 3; i++) {
      fixture.peer({ extended: true }).says(extendedHandshake({ yourIp: '98.76.54.32' }))
    }
    const incoming = extendedPeer(fixture, ['ut_pex'], { host: '10.1.1.1', port: 50_000, listens: 7_000 })
    const outgoing = fixture.peer({ direction: 'outgoing', host: '10.1.1.2', port: 7_000 })
    tells(incoming, [
      { host: '98.76.54.32', port: 6_881 },
      { host: incoming.host, port: 7_000 },
      { host: outgoing.host, port: 7_000 },
    ])
    expect(found(fixture)).toEqual([])
  })

  it('does not bring seeds to a seed', () => {
    const fixture = checkedFixture({ have: 'xxxxxxxx' })
    const peer = extendedPeer(fixture, ['ut_pex'])
    tells(peer, strangers(1), { flags: PEX_FLAG.uploadOnly })
    fixture.pass(60_000)
    tells(peer, strangers(1, 1), { flags: PEX_FLAG.reachable })
    expect(found(fixture)).toEqual(['10.9.1.0'])
  })

  it.each(['', 'le', 'd5:added5:12345e'])('ends with a peer that sends %j', (text) => {
    const peer = extendedPeer(checkedFixture(), ['ut_pex'])
    peer.says(extendedMessage('ut_pex', new TextEncoder().encode(text)))
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })

  it.each([
    ['of a private torrent (R83)', { isPrivate: true }],
    ['where it is switched off', { pex: false }],
  ])('is not heard %s', (_where, options) => {
    const fixture = checkedFixture(options)
    const peer = extendedPeer(fixture, ['ut_pex'])
    tells(peer, strangers(3))
    expect(peer.closedFor()).toBeUndefined()
    expect(found(fixture)).toEqual([])
  })
})
