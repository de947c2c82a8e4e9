import { describe, expect, it } from 'vitest'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import type { DesiredState } from '../../../src/operators/session/state.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import {
  type FakePeer,
  type FixtureOptions,
  type SessionFixture,
  sessionFixture,
} from '../../support/sessionFixture.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const REQUEST = { _tag: 'Request', piece: 0, begin: 0, length: 16_384 } as const
const TRACKERS = [['http://tracker.test/announce']]

const desire = (fixture: SessionFixture, desired: DesiredState): void => {
  fixture.command({ _tag: 'SetDesired', desired })
}

/** A download from one seed, with requests open. */
const underWay = (
  fast: boolean,
  options: FixtureOptions = {},
): { readonly fixture: SessionFixture; readonly seed: FakePeer } => {
  const fixture = checkedFixture({ pieces: 40, blocks: 4, ...options })
  const seed = fixture.peer({ has: 'all', fast })
  seed.says(UNCHOKE)
  expect(seed.owed.length).toBeGreaterThan(8)
  return { fixture, seed }
}

/** What a peer with BEP 6 says to each cancel. */
const refuseCancelled = (peer: FakePeer, from = 0): void => {
  const refusals = peer.toldOf('Cancel').slice(from)
  peer.says(...refusals.map((cancel): WireMessage => ({ ...cancel, _tag: 'RejectRequest' })))
}

describe('a pause', () => {
  it('takes back what was asked for, and begins when each request has been answered', () => {
    const { fixture, seed } = underWay(true)
    const asked = seed.owed.length
    const first = seed.owed[0]!
    desire(fixture, 'paused')
    expect(fixture.model.phase).toBe('pausing')
    expect(seed.toldOf('Cancel')).toHaveLength(asked)
    seed.says({ ...first, _tag: 'Piece', payload: new Uint8Array(16_384) })
    expect(fixture.model.downloaded, 'what was on its way is kept').toBe(16_384)
    refuseCancelled(seed, 1)
    expect(fixture.model.phase).toBe('paused')
    expect(seed.closedFor()).toBeUndefined()
    fixture.pass(60_000)
    expect(seed.toldOf('Request')).toHaveLength(asked)
  })

  it('waits for the last request of a peer that does not answer a cancel', () => {
    const { fixture, seed } = underWay(false)
    const requests = [...seed.owed]
    const last = requests.at(-1)!
    desire(fixture, 'paused')
    expect(seed.toldOf('Cancel')).toHaveLength(requests.length - 1)
    expect(seed.owed).toEqual([last])
    fixture.pass(1_000)
    expect(fixture.model.phase).toBe('pausing')
    seed.gives(1)
    expect(fixture.model.phase).toBe('paused')
    expect(fixture.model.downloaded).toBe(16_384)
  })

  it('has nothing to wait for with a peer that chokes us and knows no BEP 6', () => {
    const { fixture, seed } = underWay(false)
    desire(fixture, 'paused')
    seed.says({ _tag: 'Choke' })
    expect(fixture.model.phase).toBe('paused')
  })

  it.each([true, false])(
    'does not wait longer than three seconds for who owes something (fast: %s)',
    (fast) => {
      const { fixture, seed } = underWay(fast)
      const other = fixture.peer({ has: '0'.repeat(40) })
      desire(fixture, 'paused')
      fixture.pass(SESSION_LIMITS.pauseMs - 250)
      expect(fixture.model.phase).toBe('pausing')
      fixture.pass(500)
      expect(fixture.model.phase).toBe('paused')
      expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'paused' })
      expect(other.closedFor()).toBeUndefined()
    },
  )

  it('waits for what the endgame has cancelled, too', () => {
    const fixture = checkedFixture({ pieces: 1, blocks: 2 })
    const [one, two] = [fixture.peer({ has: 'all' }), fixture.peer({ has: 'all' })]
    one.says(UNCHOKE)
    two.says(UNCHOKE)
    one.gives(1)
    expect(two.toldOf('Cancel')).toHaveLength(1)
    desire(fixture, 'paused')
    refuseCancelled(one)
    expect(fixture.model.phase).toBe('pausing')
    refuseCancelled(two)
    expect(fixture.model.phase).toBe('paused')
  })

  it('refuses who asks, and waits until what is being sent has left', () => {
    const fixture = checkedFixture({ pieces: 2, have: 'xx' })
    const taker = fixture.peer({ has: '00' })
    taker.says({ _tag: 'Interested' }, REQUEST)
    expect(fixture.effectsOf('ServeBlocks')).toHaveLength(1)
    desire(fixture, 'paused')
    expect(taker.toldOf('Choke')).toHaveLength(1)
    taker.says({ ...REQUEST, begin: 16_384 })
    expect(taker.toldOf('RejectRequest').map(({ begin }) => begin)).toEqual([16_384])
    expect(fixture.model.phase).toBe('pausing')
    const at = fixture.now()
    const sent = { peer: taker.key, bytes: 16_384, wireBytes: 16_397 }
    fixture.feed({ ...sent, _tag: 'BlocksServed', at, isFull: true })
    expect(fixture.model.phase).toBe('pausing')
    fixture.feed({ _tag: 'PeerDrained', at, peer: taker.key })
    expect(fixture.model.phase).toBe('paused')
    taker.says(REQUEST)
    fixture.pass(60_000)
    expect(fixture.effectsOf('ServeBlocks')).toHaveLength(1)
    expect(taker.closedFor()).toBeUndefined()
  })

  it('closes who sends payload during it', () => {
    const { fixture, seed } = underWay(true)
    const first = seed.owed[0]!
    desire(fixture, 'paused')
    refuseCancelled(seed)
    seed.says({ ...first, _tag: 'Piece', payload: new Uint8Array(16_384) })
    expect(seed.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'paused' })
    expect(fixture.model.downloaded).toBe(0)
  })

  it('keeps connections alive, dials nobody and takes nobody in', () => {
    const { fixture, seed } = underWay(true)
    desire(fixture, 'paused')
    refuseCancelled(seed)
    fixture.command({ _tag: 'AddPeers', peers: [{ host: '10.9.9.9', port: 9 }] })
    expect(fixture.effectsOf('Dial')).toEqual([])
    expect(fixture.peer({ has: 'all' }).closedFor()).toEqual({ _tag: 'NotNeeded', why: 'inactive' })
    for (let minute = 0; minute < 30; minute++) {
      fixture.pass(60_000)
      seed.says({ _tag: 'KeepAlive' })
    }
    expect(seed.closedFor()).toBeUndefined()
    expect(seed.toldOf('KeepAlive').length).toBeGreaterThan(10)
    desire(fixture, 'running')
    expect(seed.closedFor()).toBeUndefined()
    expect(fixture.effectsOf('Dial')).toHaveLength(1)
  })

  it('takes back dials that are under way, and holds it against nobody', () => {
    const fixture = checkedFixture({ peers: [{ host: '10.9.9.9', port: 9 }] })
    const [dial] = fixture.effectsOf('Dial')
    desire(fixture, 'paused')
    const reason = { _tag: 'NotNeeded', why: 'paused' } as const
    expect(fixture.effectsOf('Close')).toMatchObject([{ peer: dial!.peer, reason }])
    fixture.feed({ _tag: 'PeerClosed', at: fixture.now(), peer: dial!.peer, reason })
    expect(fixture.model.phase).toBe('paused')
    fixture.pass(10_000)
    desire(fixture, 'running')
    expect(fixture.effectsOf('Dial')).toHaveLength(2)
  })

  it('tells trackers, and so does its end', () => {
    const { fixture, seed } = underWay(true, { trackers: TRACKERS })
    const answer = (): void => {
      const { id } = fixture.effectsOf('Announce').at(-1)!
      const response = { interval: 1_800, complete: 1, incomplete: 1, peers: [] }
      const none = { minInterval: undefined, trackerId: undefined, warning: undefined, externalIp: undefined }
      fixture.feed({ _tag: 'AnnounceSucceeded', at: fixture.now(), id, response: { ...none, ...response } })
    }
    const events = (): ReadonlyArray<string | undefined> =>
      fixture.effectsOf('Announce').map(({ request }) => request.event)
    answer()
    desire(fixture, 'paused')
    refuseCancelled(seed)
    expect(events()).toEqual(['started', 'stopped'])
    desire(fixture, 'running')
    fixture.pass(1_000)
    expect(events(), 'not before it is known that the other one has come').toEqual(['started', 'stopped'])
    answer()
    fixture.pass(250)
    expect(events()).toEqual(['started', 'stopped', 'started'])
  })

  it('ends at once: in the same turn the same connection is asked, and who waits may ask', () => {
    const fixture = checkedFixture({ pieces: 40, blocks: 4, have: 'x' })
    const [seed, taker] = [fixture.peer({ has: 'all' }), fixture.peer({ has: '0'.repeat(40) })]
    seed.says(UNCHOKE)
    taker.says({ _tag: 'Interested' })
    desire(fixture, 'paused')
    refuseCancelled(seed)
    for (let minute = 0; minute < 10; minute++) {
      fixture.pass(60_000)
      seed.says({ _tag: 'KeepAlive' })
      taker.says({ _tag: 'KeepAlive' })
    }
    const [asked, unchoked] = [seed.toldOf('Request').length, taker.toldOf('Unchoke').length]
    desire(fixture, 'running')
    expect(seed.toldOf('Request').length).toBeGreaterThan(asked)
    expect(taker.toldOf('Unchoke').length).toBe(unchoked + 1)
    expect(fixture.model.phase).toBe('downloading')
    // Idleness during the pause is held against nobody.
    for (let i = 0; i < 60; i++) fixture.peer({ has: '0'.repeat(40) })
    expect(seed.closedFor()).toBeUndefined()
    expect(taker.closedFor()).toBeUndefined()
  })

  it('that is taken back before it began leaves nothing behind', () => {
    const { fixture, seed } = underWay(true)
    desire(fixture, 'paused')
    desire(fixture, 'running')
    expect(fixture.model.phase).toBe('downloading')
    refuseCancelled(seed)
    for (let i = 0; i < 500 && fixture.model.phase === 'downloading'; i++) seed.gives(8)
    expect(fixture.model.phase).toBe('seeding')
    expect(fixture.model.wasted).toBe(0)
  })

  it('that is wanted during the first check begins after it', () => {
    const fixture = sessionFixture({ pieces: 2 })
    fixture.model.stage = 'checking'
    fixture.model.isListening = false
    const listens = fixture.effectsOf('Listen').length
    desire(fixture, 'paused')
    fixture.feed({ _tag: 'PiecesChecked', at: fixture.now(), first: 0, ok: Uint8Array.of(1, 0) })
    expect(fixture.model.phase).toBe('paused')
    expect(fixture.effectsOf('Listen')).toHaveLength(listens)
    desire(fixture, 'running')
    expect(fixture.model.phase).toBe('downloading')
    expect(fixture.effectsOf('Listen')).toHaveLength(listens + 1)
  })

  it('shows although the storage fails, and what failed shows after it', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1 })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    fixture.failsDisk({ kind: 'disk-full' })
    seed.gives(1)
    expect(fixture.model.phase).toBe('stalled')
    desire(fixture, 'paused')
    refuseCancelled(seed)
    expect(fixture.model.phase).toBe('paused')
    expect(fixture.model.storage._tag).toBe('Stalled')
    fixture.failsDisk(undefined)
    fixture.pass(2_000)
    expect(fixture.model.phase).toBe('paused')
    expect(fixture.model.table.havePieces, 'what was verified is written').toBe(1)
    desire(fixture, 'running')
    expect(fixture.model.phase).toBe('downloading')
  })

  it('can be followed by a stop', () => {
    const { fixture, seed } = underWay(true)
    desire(fixture, 'paused')
    refuseCancelled(seed)
    desire(fixture, 'stopped')
    fixture.pass(250)
    expect(fixture.model.phase).toBe('stopped')
    desire(fixture, 'running')
    expect(fixture.model.phase).toBe('stopped')
  })
})

describe('SetDesired', () => {
  it('is refused when it makes no sense', () => {
    const fixture = checkedFixture()
    const command = { _tag: 'SetDesired', desired: 'asleep' as DesiredState } as const
    fixture.command(command)
    expect(fixture.model.desired).toBe('running')
    expect(fixture.noticesOf('CommandRefused')).toMatchObject([{ command }])
  })
})
