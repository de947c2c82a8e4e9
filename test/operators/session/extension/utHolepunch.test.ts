import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { WireMessage } from '../../../../src/codecs/wire/message.js'
import {
  decodeUtHolepunch,
  encodeUtHolepunch,
  type UtHolepunch,
} from '../../../../src/codecs/wire/utHolepunch.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import {
  extendedHandshake,
  extendedMessage,
  extendedPeer,
  toldExtended,
} from '../../../support/extendedPeer.js'
import type { PeerAddress } from '../../../../src/codecs/peerAddress.js'
import { encodeUtPex } from '../../../../src/codecs/wire/utPex.js'
import type { ExtensionName } from '../../../../src/operators/session/extension/extensionName.js'
import type { FakePeer, SessionFixture } from '../../../support/sessionFixture.js'

const asks = (message: UtHolepunch): WireMessage =>
  extendedMessage('ut_holepunch', encodeUtHolepunch(message))
const rendezvous = (host: string, port: number): WireMessage =>
  asks({ _tag: 'Rendezvous', address: { host, port } })
const connect = (host: string, port: number): WireMessage =>
  asks({ _tag: 'Connect', address: { host, port } })

const toldTo = (peer: FakePeer): ReadonlyArray<UtHolepunch> =>
  toldExtended(peer, 'ut_holepunch')
    .map(decodeUtHolepunch)
    .flatMap((message) => (E.isRight(message) ? [message.right] : []))

const REFUSED = { _tag: 'SocketFailed', code: 'ECONNREFUSED' } as const

/** A peer that was told of by `ut_pex` could not be dialled; `others` speak of it too late, or not at all. */
const failedDial = (
  names: ReadonlyArray<ExtensionName> = ['ut_pex', 'ut_holepunch'],
): {
  readonly fixture: SessionFixture
  readonly relayed: FakePeer
  readonly others: ReadonlyArray<FakePeer>
  readonly address: PeerAddress
} => {
  const fixture = checkedFixture()
  const address = { host: '9.9.9.9', port: 5 }
  const relayed = extendedPeer(fixture, names, { host: '8.8.8.8' })
  const others = [extendedPeer(fixture, ['ut_holepunch'], { host: '8.8.4.4' })]
  const added = [{ ...address, flags: 0 }]
  relayed.says(extendedMessage('ut_pex', encodeUtPex({ added, dropped: [] })))
  const { peer } = fixture.effectsOf('Dial').at(-1)!
  fixture.feed({ _tag: 'PeerClosed', at: fixture.now(), peer, reason: REFUSED })
  return { fixture, relayed, others, address }
}

describe('ut_holepunch', () => {
  it('tells two peers to connect to each other', () => {
    const fixture = checkedFixture()
    const asker = extendedPeer(fixture, ['ut_holepunch'], { host: '10.1.0.1', port: 50_000, listens: 1_001 })
    const target = extendedPeer(fixture, ['ut_holepunch'], {
      host: '10.1.0.2',
      port: 1_002,
      direction: 'outgoing',
    })
    asker.says(rendezvous('10.1.0.2', 1_002))
    expect(toldTo(asker)).toEqual([{ _tag: 'Connect', address: { host: '10.1.0.2', port: 1_002 } }])
    expect(toldTo(target)).toEqual([{ _tag: 'Connect', address: { host: '10.1.0.1', port: 1_001 } }])
  })

  it('tells why it does not', () => {
    const fixture = checkedFixture()
    for (let i = 0; i < 3; i++) {
      fixture.peer({ extended: true }).says(extendedHandshake({ yourIp: '98.76.54.32' }))
    }
    const asker = extendedPeer(fixture, ['ut_holepunch'], { host: '10.1.0.1', listens: 1_001 })
    extendedPeer(fixture, [], { host: '10.1.0.2', listens: 1_002 })
    asker.says(
      rendezvous('10.1.0.9', 1),
      rendezvous('10.1.0.1', 1_001),
      rendezvous('10.1.0.2', 1_002),
      rendezvous('10.1.0.2', 0),
      rendezvous('127.0.0.1', 1_002),
      rendezvous('98.76.54.32', 6_881),
    )
    const errors = toldTo(asker).map((message) => (message._tag === 'Error' ? message.error : message))
    expect(errors).toEqual([
      'NotConnected',
      'NotConnected',
      'NoSupport',
      'NoSuchPeer',
      'NoSuchPeer',
      'NoSelf',
    ])
  })

  it('is no way to flood a peer, nor us', () => {
    const fixture = checkedFixture()
    const target = extendedPeer(fixture, ['ut_holepunch'], { host: '10.1.0.2', listens: 1_002 })
    const askers = Array.from({ length: 20 }, () => extendedPeer(fixture, ['ut_holepunch']))
    for (const asker of askers) for (let i = 0; i < 5; i++) asker.says(rendezvous('10.1.0.2', 1_002))
    expect(toldTo(target).length).toBe(10)
    const [first] = askers
    for (let i = 0; i < 1_000; i++) first!.says(rendezvous('10.1.0.9', 1))
    expect(toldTo(first!).length).toBeLessThanOrEqual(15)
    fixture.pass(60_000)
    first!.says(rendezvous('10.1.0.2', 1_002))
    expect(toldTo(target).length).toBe(11)
  })

  it('has us dial whom a relay names, where that makes sense', () => {
    const fixture = checkedFixture()
    const far = extendedPeer(fixture, ['ut_holepunch'], { host: '8.8.8.8' })
    far.says(connect('9.9.9.9', 5), connect('9.9.9.9', 0), connect('192.168.0.1', 80))
    expect(fixture.effectsOf('Dial').map(({ address }) => address)).toEqual([{ host: '9.9.9.9', port: 5 }])
    for (let i = 1; i < 100; i++) far.says(connect('9.9.9.9', 5 + i))
    expect(fixture.model.candidates.all.size).toBeLessThanOrEqual(10)
  })

  it('has us dial at once, although an earlier dial has just failed', () => {
    const { fixture, relayed, address } = failedDial()
    relayed.says(connect(address.host, address.port))
    expect(fixture.effectsOf('Dial').at(-1)).toMatchObject({ address, isPunch: true })
    // While that goes on, and once it has come to something, it is no news.
    const dials = fixture.effectsOf('Dial').length
    relayed.says(connect(address.host, address.port))
    expect(fixture.effectsOf('Dial').length).toBe(dials)
  })

  it('is asked for where a peer that was told of cannot be reached, once for each failure', () => {
    const { fixture, relayed, address } = failedDial()
    expect(toldTo(relayed)).toEqual([{ _tag: 'Rendezvous', address }])
    relayed.says(connect(address.host, address.port))
    const { peer } = fixture.effectsOf('Dial').at(-1)!
    fixture.feed({ _tag: 'PeerClosed', at: fixture.now(), peer, reason: REFUSED })
    expect(toldTo(relayed).length).toBe(1)
  })

  it('is asked of nobody who does not speak it, or did not tell', () => {
    const { relayed, others } = failedDial(['ut_pex'])
    expect([toldTo(relayed), ...others.map(toldTo)]).toEqual([[], []])
  })

  it('goes by the dial policy', () => {
    const fixture = checkedFixture({ policies: { peer: () => [] } })
    const far = extendedPeer(fixture, ['ut_holepunch'], { host: '8.8.8.8' })
    far.says(connect('9.9.9.9', 5))
    expect(fixture.effectsOf('Dial')).toEqual([])
  })

  it('that reports an error needs nothing of us', () => {
    const peer = extendedPeer(checkedFixture(), ['ut_holepunch'])
    peer.says(asks({ _tag: 'Error', address: { host: '9.9.9.9', port: 5 }, error: 'NoSuchPeer' }))
    expect(toldTo(peer)).toEqual([])
    expect(peer.closedFor()).toBeUndefined()
  })

  it('that cannot be read ends the connection', () => {
    const peer = extendedPeer(checkedFixture(), ['ut_holepunch'])
    peer.says(extendedMessage('ut_holepunch', new Uint8Array(3)))
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })

  it('is neither heard nor offered for a private torrent (R83)', () => {
    const fixture = checkedFixture({ isPrivate: true })
    const peer = extendedPeer(fixture, ['ut_holepunch'])
    peer.says(connect('10.9.9.9', 5), rendezvous('10.9.9.9', 5))
    expect(toldTo(peer)).toEqual([])
    expect(fixture.effectsOf('Dial')).toEqual([])
  })
})
