import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
} from '../../../../src/codecs/wire/extended.js'
import type { WireMessage } from '../../../../src/codecs/wire/message.js'
import {
  decodeUtMetadata,
  encodeUtMetadata,
  type UtMetadata,
} from '../../../../src/codecs/wire/utMetadata.js'
import { utMetadata } from '../../../../src/operators/session/extension/utMetadata.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import type { FakePeer, SessionFixture } from '../../../support/sessionFixture.js'

const ITS_ID = 9
const info = new Uint8Array(70_000)
const PIECES = 5

const asks = (...pieces: ReadonlyArray<number>): ReadonlyArray<WireMessage> =>
  pieces.map((piece) => ({
    _tag: 'Extended',
    id: utMetadata.id,
    payload: encodeUtMetadata({ _tag: 'Request', piece }),
  }))

const setup = (): { readonly fixture: SessionFixture; readonly peer: FakePeer } => {
  const fixture = checkedFixture({ info })
  const peer = fixture.peer({ extended: true })
  const payload = encodeExtendedHandshake({ extensions: new Map([['ut_metadata', ITS_ID]]) })
  peer.says({ _tag: 'Extended', id: EXTENDED_HANDSHAKE_ID, payload })
  return { fixture, peer }
}

const served = (fixture: SessionFixture, peer: FakePeer, isFull = false): void => {
  fixture.feed({ _tag: 'MetadataServed', at: fixture.now(), peer: peer.key, wireBytes: 16_500, isFull })
}

const rejects = (peer: FakePeer): ReadonlyArray<UtMetadata> =>
  peer
    .toldOf('Extended')
    .filter(({ id }) => id === ITS_ID)
    .flatMap(({ payload }) => {
      const message = decodeUtMetadata(payload)
      return E.isRight(message) ? [message.right] : []
    })

describe('ut_metadata', () => {
  it('is offered with its size, where there is any', () => {
    const told = (peer: FakePeer): unknown => {
      const [first] = peer.toldOf('Extended')
      const said = decodeExtendedHandshake(first!.payload)
      return E.isRight(said) ? [said.right.extensions.get('ut_metadata'), said.right.metadataSize] : said
    }
    expect(told(setup().peer)).toEqual([utMetadata.id, 70_000])
    expect(told(checkedFixture().peer({ extended: true }))).toEqual([undefined, undefined])
    const huge = checkedFixture({ info: new Uint8Array(10_000_001) })
    expect(told(huge.peer({ extended: true }))).toEqual([undefined, undefined])
  })

  it('is sent one piece at a time, as the socket takes it', () => {
    const { fixture, peer } = setup()
    peer.says(...asks(0, 4, 1))
    const sent = (): ReadonlyArray<number> => fixture.effectsOf('ServeMetadata').map(({ piece }) => piece)
    expect(fixture.effectsOf('ServeMetadata')).toEqual([
      { _tag: 'ServeMetadata', peer: peer.key, id: ITS_ID, piece: 0 },
    ])
    served(fixture, peer)
    expect(sent()).toEqual([0, 4])
    served(fixture, peer, true)
    fixture.pass(1_000)
    expect(sent()).toEqual([0, 4])
    fixture.feed({ _tag: 'PeerDrained', at: fixture.now(), peer: peer.key })
    expect(sent()).toEqual([0, 4, 1])
  })

  it('refuses what there is not', () => {
    const { fixture, peer } = setup()
    peer.says(...asks(PIECES, 610))
    expect(rejects(peer)).toEqual([
      { _tag: 'Reject', piece: PIECES },
      { _tag: 'Reject', piece: 610 },
    ])
    expect(fixture.effectsOf('ServeMetadata')).toEqual([])
  })

  it('holds 64 requests of a peer that does not read, and parts with a flooder (R39)', () => {
    const { fixture, peer } = setup()
    peer.says(...asks(0))
    served(fixture, peer, true)
    const { queue } = peer.model()!.metadata
    // It may ask for all of it four times.
    peer.says(...asks(...Array.from({ length: 10_000 }, (_, i) => i % PIECES)))
    expect(queue.length).toBeLessThanOrEqual(64)
    expect(rejects(peer).length).toBeLessThanOrEqual(256)
    expect(peer.closedFor()).toEqual({ _tag: 'ProtocolViolation', what: 'a flood of metadata requests' })
  })

  it('gives a peer all of it four times, and no more', () => {
    const { fixture, peer } = setup()
    for (let i = 0; i < 30; i++) {
      peer.says(...asks(i % PIECES))
      if (peer.model()!.metadata.isBusy) served(fixture, peer)
    }
    expect(fixture.effectsOf('ServeMetadata')).toHaveLength(4 * PIECES)
    expect(rejects(peer)).toHaveLength(30 - 4 * PIECES)
  })

  it('passes over messages that make no sense, so many of them', () => {
    const { peer } = setup()
    const junk: WireMessage = { _tag: 'Extended', id: utMetadata.id, payload: Uint8Array.of(1, 2, 3) }
    peer.says(...Array.from({ length: 256 }, () => junk))
    expect(peer.closedFor()).toBeUndefined()
    peer.says(junk)
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })

  it('is not sent to who never said under which id', () => {
    const fixture = checkedFixture({ info })
    const peer = fixture.peer({ extended: true })
    peer.says(...asks(0))
    expect(fixture.effectsOf('ServeMetadata')).toEqual([])
  })
})
