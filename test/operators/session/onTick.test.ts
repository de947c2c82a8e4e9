import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { DEFAULT_CONNECTION_LIMITS as LIMITS } from '../../../src/operators/session/connectionLimits.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }

describe('haves', () => {
  it('are told on the tick, in one write, and not to who has the piece', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 1 })
    const [seed, half, none] = [
      fixture.peer({ has: 'all' }),
      fixture.peer({ has: '110' }),
      fixture.peer({ has: '000' }),
    ]
    seed.says(UNCHOKE)
    seed.gives(2)
    expect(none.toldOf('Have')).toEqual([])
    const sends = fixture.effectsOf('Send').length
    fixture.pass(250)
    expect(none.toldOf('Have')).toHaveLength(2)
    expect(seed.toldOf('Have')).toEqual([])
    const had = [0, 1, 2].filter((piece) => fixture.model.table.status[piece] === 3)
    expect(half.toldOf('Have').map(({ piece }) => piece)).toEqual(had.filter((piece) => piece === 2))
    const toNone = fixture
      .effectsOf('Send')
      .slice(sends)
      .filter((send) => send.peer === none.key)
    expect(toNone).toHaveLength(1)
    fixture.pass(5_000)
    expect(none.toldOf('Have')).toHaveLength(2)
  })
})

describe('time', () => {
  it('sends a keep-alive to who has long heard nothing', () => {
    const fixture = checkedFixture({ pieces: 1 })
    const peer = fixture.peer()
    fixture.pass(SESSION_LIMITS.keepAliveMs)
    expect(peer.toldOf('KeepAlive')).toEqual([])
    fixture.pass(500)
    expect(peer.toldOf('KeepAlive')).toHaveLength(1)
  })

  it('closes a connection without a byte from the other end', () => {
    const fixture = checkedFixture({ pieces: 1 })
    const [idle, alive] = [fixture.peer(), fixture.peer()]
    for (let i = 0; i < 4; i++) {
      fixture.pass(SESSION_LIMITS.idleMs / 3)
      alive.says({ _tag: 'KeepAlive' })
    }
    expect(idle.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'idle' })
    expect(alive.closedFor()).toBeUndefined()
  })

  it('unchokes at once while slots are free, then in rounds of ten seconds', () => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    fixture.pass(1_000)
    const peers = Array.from({ length: 12 }, () => {
      const peer = fixture.peer({ has: '0' })
      peer.says({ _tag: 'Interested' })
      return peer
    })
    const unchoked = (): number => peers.filter((peer) => !peer.model()!.amChoking).length
    expect(unchoked()).toBe(LIMITS.unchokeSlots)
    for (let minute = 0; minute < 3; minute++) {
      fixture.pass(60_000)
      expect(unchoked()).toBe(LIMITS.unchokeSlots)
      for (const peer of peers) peer.says({ _tag: 'KeepAlive' })
    }
    expect(
      peers.every((peer) => peer.toldOf('Unchoke').length > 0),
      'everybody had a turn',
    ).toBe(true)
  })

  it('chokes who is no longer interested', () => {
    const fixture = checkedFixture({ pieces: 1, have: 'x' })
    const peer = fixture.peer({ has: '0' })
    peer.says({ _tag: 'Interested' })
    peer.says({ _tag: 'NotInterested' })
    fixture.pass(SESSION_LIMITS.chokeRoundMs)
    expect(peer.told.at(-1)).toEqual({ _tag: 'Choke' })
  })
})
