import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import {
  decodeExtendedHandshake,
  encodeExtendedHandshake,
  EXTENDED_HANDSHAKE_ID,
} from '../../../../src/codecs/wire/extended.js'
import type { WireMessage } from '../../../../src/codecs/wire/message.js'
import { uploadOnly } from '../../../../src/operators/session/extension/uploadOnly.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import type { FakePeer } from '../../../support/sessionFixture.js'

const ID = 77

const handshake = (isUploadOnly?: boolean, id?: number): WireMessage => ({
  _tag: 'Extended',
  id: EXTENDED_HANDSHAKE_ID,
  payload: encodeExtendedHandshake({
    uploadOnly: isUploadOnly,
    extensions: new Map(id === undefined ? [] : [['upload_only', id]]),
  }),
})

const message = (...payload: number[]): WireMessage => ({
  _tag: 'Extended',
  id: uploadOnly.id,
  payload: Uint8Array.from(payload),
})

/** What the peer was told in handshakes, in order. */
const saidTo = (peer: FakePeer): unknown =>
  peer
    .toldOf('Extended')
    .filter(({ id }) => id === EXTENDED_HANDSHAKE_ID)
    .map(({ payload }) => decodeExtendedHandshake(payload))
    .map((said) => (E.isRight(said) ? said.right.uploadOnly : said))

const BOTH_SEEDS = { _tag: 'NotNeeded', why: 'both-seeds' }

describe('upload_only', () => {
  it('is said by who has all that it wants, and when that changes', () => {
    const fixture = checkedFixture({ pieces: 4, files: [2, 2], have: 'xx..', priorities: [4, 0] })
    const byHandshake = fixture.peer({ extended: true })
    const byMessage = fixture.peer({ extended: true })
    byMessage.says(handshake(false, ID))
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 4] })
    fixture.command({ _tag: 'SetPriorities', priorities: [4, 0] })
    expect(saidTo(byHandshake)).toEqual([true, false, true])
    expect(saidTo(byMessage)).toEqual([true])
    const messages = byMessage.toldOf('Extended').filter(({ id }) => id === ID)
    expect(messages.map(({ payload }) => [...payload])).toEqual([[0], [1]])
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
