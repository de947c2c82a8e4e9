import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../../src/codecs/wire/message.js'
import { availabilityOf } from '../../../../src/operators/piece/pieceTable.js'
import { encodeDonthave } from '../../../../src/operators/session/extension/ltDonthave.js'
import { checkedFixture } from '../../../support/checkedFixture.js'
import { extendedMessage } from '../../../support/extendedPeer.js'

const lost = (piece: number): WireMessage => extendedMessage('lt_donthave', encodeDonthave(piece))

describe('lt_donthave', () => {
  it.each([true, false])('voids what was asked for of the piece, and asks others (BEP 6: %s)', (fast) => {
    const fixture = checkedFixture({ pieces: 1, blocks: 4 })
    const peer = fixture.peer({ extended: true, fast, has: '1' })
    peer.says({ _tag: 'Unchoke' })
    expect(peer.owed.length).toBe(4)
    const other = fixture.peer({ has: '1' })
    peer.says(lost(0))
    expect(availabilityOf(fixture.model.table, 0)).toBe(1)
    expect(peer.told.at(-1)).toEqual({ _tag: 'NotInterested' })
    other.says({ _tag: 'Unchoke' })
    expect(other.owed.length).toBe(4)
    if (fast) peer.refuses(4)
    other.gives(4)
    expect(fixture.model.phase).toBe('seeding')
    expect(peer.closedFor()).toBeUndefined()
  })

  it('makes a peer with everything one that lacks a piece, and no seed any more', () => {
    const leecher = checkedFixture({ pieces: 3, have: 'x..' })
    const peer = leecher.peer({ extended: true, has: 'all' })
    peer.says(lost(1))
    expect(leecher.model.table.seeds).toBe(0)
    expect(peer.model()!.bits).toEqual(Uint8Array.of(0b1010_0000))
    expect(peer.model()!.wantedPieces).toBe(1)
    peer.says({ _tag: 'Have', piece: 1 })
    expect(leecher.model.table.seeds).toBe(1)
  })

  it('of a piece that the peer never had says nothing', () => {
    const fixture = checkedFixture({ pieces: 3 })
    const peer = fixture.peer({ extended: true, has: '100' })
    peer.says(lost(1), lost(1))
    expect(availabilityOf(fixture.model.table, 1)).toBe(0)
    expect(peer.closedFor()).toBeUndefined()
  })

  it('takes back what was allowed fast', () => {
    const fixture = checkedFixture({ pieces: 2 })
    const peer = fixture.peer({ extended: true, has: '11' })
    peer.says({ _tag: 'AllowedFast', piece: 1 })
    expect(peer.owed.map(({ piece }) => piece)).toEqual([1, 1])
    peer.says(lost(1), { _tag: 'Have', piece: 1 })
    peer.refuses(2)
    expect(peer.owed).toEqual([])
  })

  it.each([
    ['a piece that there is not', encodeDonthave(2)],
    ['three bytes', new Uint8Array(3)],
    ['five bytes', new Uint8Array(5)],
  ])('of %s ends the connection', (_what, payload) => {
    const peer = checkedFixture({ pieces: 2 }).peer({ extended: true, has: '11' })
    peer.says(extendedMessage('lt_donthave', payload))
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })

  it('ends with a seed that loses a piece again and again', () => {
    const peer = checkedFixture({ pieces: 2 }).peer({ extended: true, has: 'all' })
    for (let i = 0; i < 101; i++) peer.says(lost(0), { _tag: 'Have', piece: 0 })
    expect(peer.closedFor()).toMatchObject({ _tag: 'ProtocolViolation' })
  })

  const step = fc.record({
    who: fc.nat({ max: 2 }),
    piece: fc.nat({ max: 3 }),
    what: fc.constantFrom('have', 'lost', 'unchoke', 'choke', 'give', 'bad', 'allow'),
  })
  test.prop([fc.array(step, { maxLength: 60 })])('keeps every count right, whatever comes when', (steps) => {
    const fixture = checkedFixture({ pieces: 4 })
    const peers = [true, true, false].map((fast) => fixture.peer({ extended: true, fast, has: '1111' }))
    for (const { who, piece, what } of steps) {
      const peer = peers[who]!
      if (what === 'have') peer.says({ _tag: 'Have', piece })
      else if (what === 'lost') peer.says(lost(piece))
      else if (what === 'unchoke') peer.says({ _tag: 'Unchoke' })
      else if (what === 'choke') peer.says({ _tag: 'Choke' })
      else if (what === 'allow') peer.says({ _tag: 'AllowedFast', piece })
      else peer.gives(1, what === 'bad')
    }
    // The invariants are checked after each turn.
    expect(fixture.model.peers.size).toBeGreaterThan(0)
  })
})
