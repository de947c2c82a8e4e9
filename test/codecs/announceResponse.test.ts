import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { decodeAnnounceResponse } from '../../src/codecs/announceResponse.js'
import { fromLatin1 } from '../../src/codecs/bytes.js'

const decode = (text: string) => decodeAnnounceResponse(fromLatin1(text))

describe('decodeAnnounceResponse', () => {
  it('reads every field', () => {
    const answer =
      'd8:completei5e11:external ip4:\x01\x02\x03\x0410:incompletei6e8:intervali900e12:min intervali60e' +
      '5:peers6:\x0a\x00\x00\x01\x1a\xe16:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x1a\xe2' +
      '10:tracker id3:a&b15:warning message4:slowe'
    expect(decode(answer)).toEqual(
      E.right({
        interval: 900,
        minInterval: 60,
        complete: 5,
        incomplete: 6,
        trackerId: 'a&b',
        warning: 'slow',
        externalIp: '1.2.3.4',
        peers: [
          { host: '10.0.0.1', port: 6881 },
          { host: '2001:db8::1', port: 6882 },
        ],
      }),
    )
  })

  it('makes do with nothing', () => {
    expect(decode('de')).toEqual(
      E.right({
        interval: 1800,
        minInterval: undefined,
        complete: undefined,
        incomplete: undefined,
        trackerId: undefined,
        warning: undefined,
        externalIp: undefined,
        peers: [],
      }),
    )
  })

  it.each([
    ['d8:intervali0ee', 0],
    ['d8:intervali-1ee', -1],
    ['d8:intervali9007199254740991ee', 9_007_199_254_740_991],
  ])('hands the interval of %s on as it is', (text, interval) => {
    expect(decode(text)).toMatchObject(E.right({ interval }))
  })

  it('passes over fields of the wrong type or out of range', () => {
    const answer =
      'd8:complete1:511:external ip3:abc10:incompletei-1e12:min intervali-9e5:peersi3e6:peers6dee'
    expect(decode(answer)).toMatchObject(
      E.right({
        complete: undefined,
        externalIp: undefined,
        incomplete: undefined,
        minInterval: undefined,
        peers: [],
      }),
    )
  })

  it.each([
    ['d14:failure reason2:no8:retry ini5ee', 'no', 300],
    ['d14:failure reason2:no8:retry in1:5e', 'no', 300],
    ['d14:failure reason2:no8:retry in5:nevere', 'no', Infinity],
    ['d14:failure reason2:no8:retry ini-5ee', 'no', undefined],
    ['d14:failure reason2:no8:retry in4:sooee', 'no', undefined],
    ['d14:failure reason2:noe', 'no', undefined],
    ['d14:failure reasoni1e5:peers0:e', '', undefined],
    ['d14:failure reason3:a\nbe', 'a b', undefined],
  ])('reads the refusal %j', (text, reason, retryInSeconds) => {
    expect(decode(text)).toEqual(E.left({ _tag: 'TrackerFailure', reason, retryInSeconds }))
  })

  it('drops peers of the old form that cannot be dialled', () => {
    const peer = (ip: string, port: string): string => `d2:ip${String(ip.length)}:${ip}4:port${port}e`
    const peers = [
      peer('1.2.3.4', 'i1e'),
      peer('host.example', 'i65535e'),
      peer('::1', 'i2e'),
      peer('1.2.3.4', 'i0e'),
      peer('1.2.3.4', 'i65536e'),
      peer('', 'i1e'),
      peer('a b', 'i1e'),
      peer('a\r\nHost: b', 'i1e'),
      peer('x'.repeat(254), 'i1e'),
      'i5e',
    ]
    expect(decode(`d5:peersl${peers.join('')}ee`)).toMatchObject(
      E.right({
        peers: [
          { host: '1.2.3.4', port: 1 },
          { host: 'host.example', port: 65_535 },
          { host: '::1', port: 2 },
        ],
      }),
    )
  })

  it('keeps 3 000 peers at most, in either form and in both together', () => {
    const four = `${String(6 * 5_000)}:${'\x01\x02\x03\x04\x05\x06'.repeat(5_000)}`
    const six = `${String(18 * 5_000)}:${'\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\x05\x06'.repeat(5_000)}`
    const old = `l${'d2:ip7:1.2.3.44:porti1ee'.repeat(5_000)}e`
    const count = (text: string): number | undefined => {
      const decoded = decode(text)
      return E.isRight(decoded) ? decoded.right.peers.length : undefined
    }
    expect(count(`d5:peers${four}e`)).toBe(3_000)
    expect(count(`d5:peers${old}e`)).toBe(3_000)
    expect(count(`d5:peers${four.slice(0, 5)}`)).toBeUndefined()
    expect(count(`d5:peers${four}6:peers6${six}e`)).toBe(3_000)
  })

  it.each(['', 'le', 'i1e', '<html>', 'd5:peers7:1234567e', 'd6:peers65:12345e', 'l-3:e'])(
    'refuses %j',
    (text) => {
      expect(decode(text)).toMatchObject(E.left({ _tag: 'InvalidTrackerResponse' }))
    },
  )

  it('refuses a document of a million values before it holds them', () => {
    expect(decode('l'.repeat(90) + '0:'.repeat(500_000))).toMatchObject(
      E.left({ _tag: 'InvalidTrackerResponse', error: { _tag: 'LimitExceeded' } }),
    )
  })

  it('lets a line break pass behind the answer', () => {
    expect(decode('d5:peers0:e\r\n')).toMatchObject(E.right({ peers: [] }))
  })

  test.prop([fc.uint8Array({ maxLength: 100 })])('never throws', (bytes) => {
    expect(['Left', 'Right']).toContain(decodeAnnounceResponse(bytes)._tag)
  })
})
