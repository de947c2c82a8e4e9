import { describe, expect, it } from 'vitest'
import type { AnnounceResponse } from '../../../src/codecs/announce.js'
import type { WireMessage } from '../../../src/codecs/wire/message.js'
import { DEFAULT_CONNECTION_LIMITS as LIMITS } from '../../../src/operators/session/connectionLimits.js'
import { SESSION_LIMITS } from '../../../src/operators/session/limits.js'
import { checkedFixture } from '../../support/checkedFixture.js'
import type { SessionFixture } from '../../support/sessionFixture.js'
import { RESPONSE } from '../tracker/fixtures.js'

const UNCHOKE: WireMessage = { _tag: 'Unchoke' }
const TRACKERS = [['http://tracker.test/announce']]
const response = (peers: AnnounceResponse['peers'] = []): AnnounceResponse => ({ ...RESPONSE, peers })
const events = (fixture: SessionFixture): ReadonlyArray<string> =>
  fixture.effectsOf('Announce').map(({ request }) => request.event ?? 'regular')
const answer = (fixture: SessionFixture, peers?: AnnounceResponse['peers']): void => {
  const { id } = fixture.effectsOf('Announce').at(-1)!
  fixture.feed({ _tag: 'AnnounceSucceeded', at: fixture.now(), id, response: response(peers) })
}

describe('announces', () => {
  it('begin with `started`, and tell what is left', () => {
    const fixture = checkedFixture({ pieces: 4, blocks: 1, short: 100, have: '..xx', trackers: TRACKERS })
    expect(events(fixture)).toEqual(['started'])
    expect(fixture.effectsOf('Announce')).toMatchObject([{ request: { left: 2 * 16_384, port: 6_881 } }])
  })

  it('say `completed` once, when all is flushed, and not by who had everything', () => {
    const fixture = checkedFixture({ pieces: 1, trackers: TRACKERS })
    answer(fixture)
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(2)
    fixture.pass(250)
    expect(events(fixture)).toEqual(['started', 'completed'])
    answer(fixture)
    fixture.pass(60_000)
    expect(events(fixture)).toEqual(['started', 'completed'])

    const complete = checkedFixture({ pieces: 1, have: 'x', trackers: TRACKERS })
    answer(complete)
    complete.pass(60_000)
    expect(events(complete)).toEqual(['started'])
  })

  it('are made before their time while peers are few, and not more often than the tracker likes', () => {
    const fixture = checkedFixture({ trackers: TRACKERS })
    answer(fixture)
    fixture.pass(200_000)
    expect(events(fixture)).toHaveLength(1)
    fixture.pass(200_000)
    expect(events(fixture)).toHaveLength(2)
    answer(fixture)
    for (let i = 0; i < 10; i++) fixture.peer()
    fixture.pass(100_000)
    for (const peer of fixture.model.peers.values()) peer.lastHeardAt = Infinity
    fixture.pass(600_000)
    expect(events(fixture)).toHaveLength(2)
  })

  it('are made to nobody where none are wanted, whatever comes', () => {
    const fixture = checkedFixture({ pieces: 1, trackers: TRACKERS, announces: false })
    const seed = fixture.peer({ has: 'all' })
    seed.says(UNCHOKE)
    seed.gives(2)
    fixture.command({ _tag: 'AddTrackers', urls: ['udp://other.test:80'] })
    fixture.pass(10_000)
    fixture.command({ _tag: 'SetDesired', desired: 'paused' })
    fixture.pass(10_000)
    fixture.command({ _tag: 'SetDesired', desired: 'running' })
    fixture.pass(1_000)
    fixture.command({ _tag: 'Stop' })
    fixture.pass(1_000)
    expect(events(fixture)).toEqual([])
    expect(fixture.model.stage).toBe('stopped')
  })

  it('come one by one, not all at once, when the machine has slept', () => {
    const delays = Array.from({ length: 40 }, (_, seed) => {
      const fixture = checkedFixture({ have: 'xxxxxxxx', trackers: TRACKERS, seed })
      answer(fixture)
      fixture.pass(1_000)
      fixture.wait(10 * 3_600_000)
      let ms = 0
      while (events(fixture).length < 2 && ms < 120_000) {
        fixture.pass(1_000)
        ms += 1_000
      }
      return ms
    })
    expect(Math.max(...delays)).toBeLessThanOrEqual(61_000)
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan(40_000)
    expect(new Set(delays).size).toBeGreaterThan(15)
  })

  it('bring peers, who are dialled', () => {
    const fixture = checkedFixture({ trackers: TRACKERS })
    answer(fixture, [
      { host: '10.1.1.1', port: 5 },
      { host: '10.1.1.1', port: 0 },
    ])
    expect(fixture.effectsOf('Dial').map(({ address }) => address)).toEqual([{ host: '10.1.1.1', port: 5 }])
  })

  it('that fail are told of, and made again', () => {
    const fixture = checkedFixture({ trackers: TRACKERS })
    const { id } = fixture.effectsOf('Announce')[0]!
    const error = { _tag: 'TrackerUnreachable', code: 'ECONNREFUSED' } as const
    fixture.feed({ _tag: 'AnnounceFailed', at: fixture.now(), id, error })
    expect(fixture.noticesOf('AnnounceFailed')).toMatchObject([{ url: TRACKERS[0]![0], error }])
    fixture.pass(20_000)
    expect(events(fixture)).toEqual(['started', 'started'])
  })
})

describe('dials', () => {
  it('are few at once, and again after a while', () => {
    const peers = Array.from({ length: 100 }, (_, i) => ({ host: `10.2.0.${String(i)}`, port: 1 }))
    const fixture = checkedFixture({ peers })
    expect(fixture.effectsOf('Dial')).toHaveLength(SESSION_LIMITS.dialling)
    const [first] = fixture.effectsOf('Dial')
    const reason = { _tag: 'SocketFailed', code: 'ECONNREFUSED' } as const
    fixture.feed({ _tag: 'PeerClosed', at: fixture.now(), peer: first!.peer, reason })
    fixture.pass(250)
    expect(fixture.effectsOf('Dial')).toHaveLength(SESSION_LIMITS.dialling + 1)
    expect(fixture.noticesOf('PeerClosed')).toMatchObject([{ host: first!.address.host, reason }])
  })

  it('do not exceed the connections that are wanted', () => {
    const peers = Array.from({ length: 300 }, (_, i) => ({ host: `10.2.${String(i)}.1`, port: 1 }))
    const fixture = checkedFixture({ peers })
    for (let done = 0; done < fixture.effectsOf('Dial').length; done++) {
      const { peer, address } = fixture.effectsOf('Dial')[done]!
      fixture.peer({ key: peer, direction: 'outgoing', ...address })
      fixture.pass(250)
    }
    expect(fixture.effectsOf('Dial')).toHaveLength(LIMITS.connections)
    expect(fixture.model.peers.size).toBe(LIMITS.connections)
  })
})

describe('Stop', () => {
  it('closes peers and dials, announces, flushes, and ends when both are done', () => {
    const fixture = checkedFixture({
      pieces: 2,
      trackers: TRACKERS,
      peers: [{ host: '10.3.3.3', port: 3 }],
      hasQuickDisk: false,
    })
    answer(fixture)
    const peer = fixture.peer({ has: 'all' })
    fixture.command({ _tag: 'Stop' })
    expect(peer.closedFor()).toEqual({ _tag: 'NotNeeded', why: 'stopping' })
    expect(fixture.effectsOf('Close')).toHaveLength(2)
    expect(fixture.model.phase).toBe('stopping')
    expect(events(fixture)).toEqual(['started', 'stopped'])
    fixture.answerDisk()
    expect(fixture.model.phase).toBe('stopping')
    answer(fixture)
    expect(fixture.model.phase).toBe('stopped')
  })

  it('waits for pieces that are being verified or written, and flushes after them', () => {
    const fixture = checkedFixture({ pieces: 3, blocks: 1, hasQuickDisk: false })
    const peer = fixture.peer({ has: 'all' })
    peer.says(UNCHOKE)
    peer.gives(1)
    fixture.command({ _tag: 'Stop' })
    const asked = (): ReadonlyArray<string> => fixture.pending.map(({ _tag }) => _tag)
    expect(asked()).toEqual(['VerifyPiece'])
    fixture.answerDisk()
    expect(asked()).toEqual(['WritePiece'])
    fixture.answerDisk()
    expect(asked()).toEqual(['Flush'])
    expect(fixture.model.phase).toBe('stopping')
    fixture.answerDisk()
    expect(fixture.model.phase).toBe('stopped')
    expect(fixture.model.table.havePieces).toBe(1)
  })

  it.each(['a tracker', 'a disk'])('does not wait long for %s that keeps silent', (who) => {
    const fixture = checkedFixture({ pieces: 1, trackers: TRACKERS, hasQuickDisk: who === 'a tracker' })
    answer(fixture)
    fixture.command({ _tag: 'Stop' })
    if (who === 'a disk') answer(fixture)
    expect(fixture.model.phase).toBe('stopping')
    fixture.pass(5_000)
    expect(fixture.model.phase).toBe('stopped')
  })

  it('twice is once', () => {
    const fixture = checkedFixture({ pieces: 1, trackers: TRACKERS, hasQuickDisk: false })
    answer(fixture)
    fixture.command({ _tag: 'Stop' })
    fixture.command({ _tag: 'Stop' })
    expect(events(fixture)).toEqual(['started', 'stopped'])
    expect(fixture.pending).toHaveLength(1)
  })

  it('of a stalled session ends it, although nothing can be written', () => {
    const fixture = checkedFixture({ pieces: 2, blocks: 1 })
    fixture.failsDisk({ kind: 'disk-full' })
    const peer = fixture.peer({ has: 'all' })
    peer.says(UNCHOKE)
    peer.gives(2)
    expect(fixture.model.phase).toBe('stalled')
    fixture.command({ _tag: 'Stop' })
    fixture.pass(5_000)
    expect(fixture.model.phase).toBe('stopped')
  })

  it('takes nobody in any more', () => {
    const fixture = checkedFixture({ pieces: 1, trackers: TRACKERS, hasQuickDisk: false })
    fixture.command({ _tag: 'Stop' })
    expect(fixture.peer({ has: 'all' }).closedFor()).toEqual({ _tag: 'NotNeeded', why: 'inactive' })
    fixture.command({ _tag: 'AddPeers', peers: [{ host: '10.4.4.4', port: 4 }] })
    expect(fixture.effectsOf('Dial')).toEqual([])
  })
})
