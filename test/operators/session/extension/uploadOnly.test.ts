import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../../src/codecs/wire/message.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import {
  extendedHandshake,
  extendedMessage,
  extendedPeer,
  toldExtended,
  toldHandshakes,
} from '../../../support/extendedPeer.js'
import type { FakePeer } from '../../../support/sessionFixture.js'

const handshake = (isUploadOnly: boolean): WireMessage => extendedHandshake({ uploadOnly: isUploadOnly })

const message = (...payload: number[]): WireMessage =>
  extendedMessage('upload_only', Uint8Array.from(payload))

/** What the peer was told in handshakes, in order. */
const saidTo = (peer: FakePeer): unknown => toldHandshakes(peer).map(({ uploadOnly }) => uploadOnly)

const BOTH_SEEDS = { _tag: 'NotNeeded', why: 'both-seeds' }

describe('upload_only', () => {
  it('is said by who has all that it wants, and when that changes', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], have: 'xx..', priorities: [4, 0] })
    const byHandshake = fixture.peer({ extended: true })
    const byMessage = extendedPeer(fixture, ['upload_only'])
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 4] })
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 0] })
    expect(saidTo(byHandshake)).toEqual([true, false, true])
    expect(saidTo(byMessage)).toEqual([true])
    expect(toldExtended(byMessage, 'upload_only').map((payload) => [...payload])).toEqual([[0], [1]])
  })

  it('is said when the last piece has come, and not again for what more comes', () => {
    const fixture = checkedFixture({ pieces: 2 })
    const leecher = fixture.peer({ extended: true })
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    while (seed.owed.length > 0) seed.gives()
    fixture.pass(500)
    expect(saidTo(leecher)).toEqual([false, true])
  })

  it('ends a connection of two that want nothing, though neither has all', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], have: 'xx..', priorities: [4, 0] })
    const [one, other, leecher] = [1, 2, 3].map(() => fixture.peer({ extended: true, has: '0011' }))
    one!.says(handshake(true))
    other!.says(handshake(false), message(1))
    leecher!.says(handshake(false))
    expect(one!.closedFor()).toEqual(BOTH_SEEDS)
    expect(other!.closedFor()).toEqual(BOTH_SEEDS)
    expect(leecher!.closedFor()).toBeUndefined()
  })

  it('does not end one from whom we want something', () => {
    const fixture = checkedFixture({ pieces: 2 })
    const partial = fixture.peer({ extended: true, has: '10' })
    partial.says(handshake(true), { _tag: 'Unchoke' })
    expect(partial.closedFor()).toBeUndefined()
    expect(partial.owed.length).toBeGreaterThan(0)
    const seed = fixture.peer({ has: 'all' })
    seed.says({ _tag: 'Unchoke' })
    while (seed.owed.length + partial.owed.length > 0) {
      seed.gives()
      partial.gives()
    }
    expect(partial.closedFor(), 'until all is here').toEqual(BOTH_SEEDS)
  })

  it('may be taken back', () => {
    const fixture = checkedFixture({ pieces: 2 })
    const peer = fixture.peer({ extended: true, has: '10' })
    peer.says(message(1), message(0))
    expect(peer.model()!.isUploadOnly).toBe(false)
  })

  it('is one byte', () => {
    const peer = checkedFixture().peer({ extended: true })
    peer.says(message())
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })
})
