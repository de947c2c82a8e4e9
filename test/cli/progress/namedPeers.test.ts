import { from, lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { namedPeerTexts } from '../../../src/cli/progress/namedPeers.js'
import type { Notice, PeerCloseReason } from '../../../src/index.js'

const names = new Map([['192.0.2.1:6881', 'friend.example:6881']])
const place = { at: 1, peer: 7, host: '192.0.2.1', port: 6881 }

const connected: Notice = { _tag: 'PeerConnected', ...place, direction: 'outgoing' }
const closed = (reason: PeerCloseReason): Notice => ({ _tag: 'PeerClosed', ...place, reason })
const told = (...notices: ReadonlyArray<Notice>): Promise<ReadonlyArray<string>> =>
  lastValueFrom(from(notices).pipe(namedPeerTexts(names), toArray()))

const refused = closed({ _tag: 'SocketFailed', code: 'ECONNREFUSED' })

describe('namedPeerTexts', () => {
  it.each<readonly [PeerCloseReason, string]>([
    [{ _tag: 'SocketFailed', code: 'ECONNREFUSED' }, 'refused (ECONNREFUSED)'],
    [{ _tag: 'SocketFailed', code: 'EODD\u001b' }, 'the connection failed (EODD\\u{1b})'],
    [
      { _tag: 'EndedByPeer' },
      'hung up before the handshake: perhaps it has not this torrent, or wants another --encryption',
    ],
    [{ _tag: 'HandshakeFailed', cause: 'wrong-infohash' }, 'has not this torrent'],
    [{ _tag: 'ProtocolViolation', what: 'Have out of range' }, 'broke the protocol: Have out of range'],
    [{ _tag: 'SelfConnection' }, 'that is this command itself'],
  ])('says of %j: %s', async (reason, text) => {
    expect(await told(closed(reason))).toEqual([`peer friend.example:6881: ${text}`])
  })

  it('tells each once, however often it is dialled', async () => {
    expect(await told(refused, refused, closed({ _tag: 'SelfConnection' }), refused)).toHaveLength(2)
  })

  it('says nothing of strangers, nor of a peer that leaves in good order', async () => {
    expect(await told({ ...refused, ...place, port: 1, _tag: 'PeerClosed' } as Notice)).toEqual([])
    expect(await told(connected, closed({ _tag: 'EndedByPeer' }))).toEqual([])
    expect(await told(connected, closed({ _tag: 'NotNeeded', why: 'stopping' }))).toEqual([])
  })
})
