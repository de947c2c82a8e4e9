import { fc, test } from '@fast-check/vitest'
import { describe, expect, it } from 'vitest'
import { banHost, banPeer, createBans, isBanned } from '../../../src/operators/peer/ban.js'
import { toHex } from '../../../src/codecs/bytes.js'

const id = (n: number): Uint8Array => new Uint8Array(20).fill(n)
const hex = (n: number): string => toHex(id(n))
const HOST = '93.184.216.34'
const OTHER = '93.184.216.35'

describe('bans', () => {
  it('know a dialled peer again by its port, and when it calls, by its id', () => {
    const bans = createBans()
    banPeer(bans, { host: HOST, port: 6881, peerId: id(1), direction: 'outgoing' })
    expect(isBanned(bans, HOST, 6881)).toBe(true)
    expect(isBanned(bans, HOST, 50_000, hex(1))).toBe(true)
    expect(isBanned(bans, HOST, 50_000)).toBe(false)
    expect(isBanned(bans, HOST, 6882, hex(2))).toBe(false)
  })

  it('know a caller again by its id, whatever port it calls from', () => {
    const bans = createBans()
    banPeer(bans, { host: HOST, port: 50_000, peerId: id(1), direction: 'incoming' })
    expect(isBanned(bans, HOST, 50_001, hex(1))).toBe(true)
    expect(isBanned(bans, HOST, 50_000, hex(2))).toBe(false)
  })

  it('do not touch an honest peer whose id a liar borrowed', () => {
    const bans = createBans()
    banPeer(bans, { host: HOST, port: 6881, peerId: id(1), direction: 'outgoing' })
    expect(isBanned(bans, OTHER, 6881, hex(1))).toBe(false)
  })

  it('take the address where there was no id', () => {
    const bans = createBans()
    banPeer(bans, { host: HOST, port: 6881, direction: 'incoming' })
    expect(isBanned(bans, HOST, 6881)).toBe(true)
  })

  it('take the whole host at the third peer', () => {
    const bans = createBans()
    banPeer(bans, { host: HOST, port: 1, peerId: id(1), direction: 'outgoing' })
    banPeer(bans, { host: HOST, port: 50_000, peerId: id(2), direction: 'incoming' })
    expect(isBanned(bans, HOST, 9, hex(9))).toBe(false)
    banPeer(bans, { host: HOST, port: 3, direction: 'outgoing' })
    expect(isBanned(bans, HOST, 9, hex(9))).toBe(true)
    expect(isBanned(bans, OTHER, 9, hex(9))).toBe(false)
  })

  it('count one peer once, under whichever name it was met', () => {
    const bans = createBans()
    for (let i = 0; i < 5; i++) {
      banPeer(bans, { host: HOST, port: 50_000 + i, peerId: id(1), direction: 'incoming' })
      banPeer(bans, { host: HOST, port: 6881, peerId: id(1), direction: 'outgoing' })
      banPeer(bans, { host: HOST, port: 6881, direction: 'outgoing' })
    }
    expect(isBanned(bans, HOST, 6881)).toBe(true)
    expect(isBanned(bans, HOST, 9)).toBe(false)
  })

  it.each(['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])('never take the whole of %s', (host) => {
    const bans = createBans()
    for (let n = 1; n <= 20; n++) banPeer(bans, { host, port: n, peerId: id(n), direction: 'outgoing' })
    expect([isBanned(bans, host, 20), isBanned(bans, host, 21, hex(21))]).toEqual([true, false])
  })

  it('take a host that the user names, loopback or not', () => {
    const bans = createBans()
    banHost(bans, '127.0.0.1')
    banHost(bans, '127.0.0.1')
    expect([isBanned(bans, '127.0.0.1', 1), isBanned(bans, '127.0.0.2', 1)]).toEqual([true, false])
    expect(bans.all.size).toBe(1)
  })

  it('lift the oldest when there are too many, and its strike', () => {
    const bans = createBans(3)
    for (const port of [1, 2]) banPeer(bans, { host: HOST, port, direction: 'outgoing' })
    for (const port of [1, 2]) banPeer(bans, { host: OTHER, port, direction: 'outgoing' })
    expect([1, 2].map((port) => isBanned(bans, HOST, port))).toEqual([false, true])
    banPeer(bans, { host: HOST, port: 3, direction: 'outgoing' })
    expect(isBanned(bans, HOST, 9)).toBe(false)
  })

  test.prop([
    fc.array(
      fc.record({
        host: fc.constantFrom(HOST, OTHER, '127.0.0.1', '2001:db8::1'),
        port: fc.integer({ min: 1, max: 9 }),
        peerId: fc.option(fc.nat(5).map(id), { nil: undefined }),
        direction: fc.constantFrom('incoming' as const, 'outgoing' as const),
      }),
      { maxLength: 60, size: 'max' },
    ),
  ])('hold the last ones, and leave nothing behind of the others', (peers) => {
    const bans = createBans(5)
    for (const peer of peers) {
      banPeer(bans, peer)
      const idHex = peer.peerId === undefined ? undefined : toHex(peer.peerId)
      expect(isBanned(bans, peer.host, peer.port, idHex)).toBe(true)
    }
    const all = [...bans.all]
    expect(all.length).toBeLessThanOrEqual(5)
    expect([...bans.names].toSorted()).toEqual(all.flatMap(({ names }) => names).toSorted())
    for (const [host, count] of bans.strikes) {
      expect(count).toBe(all.filter((ban) => ban.host === host).reduce((sum, ban) => sum + ban.strikes, 0))
      expect(count).toBeGreaterThan(0)
    }
  })
})
