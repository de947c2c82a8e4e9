import { BehaviorSubject, NEVER, of, Subscription, throwError, type Observable } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { toHex } from '../../../src/codecs/bytes.js'
import { decodeLsd, encodeLsd, LSD_GROUPS, LSD_PORT } from '../../../src/codecs/lsd.js'
import type { Datagrams, DatagramSocket, PeerAddress } from '../../../src/streams/deps.js'
import { createLsd, type Lsd } from '../../../src/streams/lsd/lsd.js'
import type { LsdDeps } from '../../../src/streams/lsd/lsdDeps.js'
import type { LsdNotice } from '../../../src/streams/lsd/lsdNotice.js'
import { createVirtualClock, type VirtualClock } from '../../../src/streams/virtual/clock.js'
import { createVirtualDatagrams, type VirtualDatagrams } from '../../../src/streams/virtual/datagrams.js'
import { createVirtualRandom } from '../../../src/streams/virtual/random.js'

const infohash = (n: number): Uint8Array => new Uint8Array(20).fill(n)
const MINUTE = 60_000

interface Lab {
  readonly clock: VirtualClock
  readonly net: VirtualDatagrams
  /** `0.0 s 10.0.0.1 → 239.192.152.143: 6881 01,02` */
  readonly sent: string[]
  readonly member: (addresses: ReadonlyArray<string>, deps?: Partial<LsdDeps>) => Lsd
}

const lab = (): Lab => {
  const clock = createVirtualClock()
  const net = createVirtualDatagrams({ clock, seed: 1, latencyMs: 1 })
  const sent: string[] = []
  net.sent$.subscribe({
    next: ({ from, to, bytes }) => {
      const told = decodeLsd(bytes)
      if (E.isLeft(told)) return
      const hashes = told.right.infohashes.map((hash) => toHex(hash.subarray(0, 1))).join()
      sent.push(
        `${String(clock.now() / 1_000)} s ${from.host} → ${to.host}: ${String(told.right.port)} ${hashes}`,
      )
    },
    error: expect.unreachable,
  })
  let seed = 0
  return {
    clock,
    net,
    sent,
    member: (addresses, deps = {}) => {
      seed += 1
      const interfaces = addresses.map((address) => ({ family: address.includes(':') ? 6 : 4 }) as const)
      return createLsd({
        clock,
        datagrams: net.host(addresses),
        random: createVirtualRandom(seed),
        interfaces: () => interfaces,
        ...deps,
      })
    },
  }
}

interface Finding {
  readonly peers: PeerAddress[]
  readonly subscription: Subscription
}

const find = (lsd: Lsd, hash: number, port: number | Observable<number>): Finding => {
  const peers: PeerAddress[] = []
  const port$ = typeof port === 'number' ? of(port) : port
  const subscription = lsd.find(infohash(hash), port$).subscribe({
    next: (found) => peers.push(...found),
    error: expect.unreachable,
    complete: expect.unreachable,
  })
  return { peers, subscription }
}

const noticesOf = (lsd: Lsd): LsdNotice[] => {
  const notices: LsdNotice[] = []
  lsd.alert$.subscribe({ next: (notice) => notices.push(notice), error: expect.unreachable })
  return notices
}

/** Somebody else on the network, whose datagrams are of the test's own making. */
const stranger = ({ clock, net }: Lab, address: string): DatagramSocket => {
  const sockets: DatagramSocket[] = []
  net
    .host([address])
    .bind({ port: LSD_PORT, family: address.includes(':') ? 6 : 4 })
    .subscribe({ next: (bound) => E.isRight(bound) && sockets.push(bound.right), error: expect.unreachable })
  clock.advanceBy(0)
  return sockets[0]!
}

const tell = (socket: DatagramSocket, port: number, hashes: ReadonlyArray<number>, cookie?: string): void => {
  socket.send(encodeLsd({ port, infohashes: hashes.map(infohash), cookie }, 4), {
    host: LSD_GROUPS[4],
    port: LSD_PORT,
  })
}

describe('createLsd', () => {
  it('lets two who have the same torrent find each other, over both families', () => {
    const { clock, member, sent } = lab()
    const early = find(member(['10.0.0.1', 'fd00::1']), 1, 6_881)
    clock.advanceBy(10_000)
    const late = find(member(['10.0.0.2', 'fd00::2']), 1, 6_882)
    const other = find(member(['10.0.0.3']), 2, 6_883)
    clock.advanceBy(5 * MINUTE)
    expect(early.peers.slice(0, 2)).toEqual([
      { host: '10.0.0.2', port: 6_882 },
      { host: 'fd00::2', port: 6_882 },
    ])
    expect(late.peers).toEqual([
      { host: '10.0.0.1', port: 6_881 },
      { host: 'fd00::1', port: 6_881 },
    ])
    expect(other.peers).toEqual([])
    expect(sent.slice(0, 2)).toEqual([
      '0 s 10.0.0.1 → 239.192.152.143: 6881 01',
      '0 s fd00::1 → ff15::efc0:988f: 6881 01',
    ])
  })

  it('opens its sockets with the first user and closes them with the last, again and again', () => {
    const { clock, net, member } = lab()
    const lsd = member(['10.0.0.1', 'fd00::1'])
    for (const _ of [1, 2]) {
      expect(net.openPorts()).toBe(0)
      const all = [find(lsd, 1, NEVER), find(lsd, 2, 6_881)]
      clock.advanceBy(1_000)
      expect(net.openPorts()).toBe(2)
      all[0]!.subscription.unsubscribe()
      expect(net.openPorts()).toBe(2)
      all[1]!.subscription.unsubscribe()
    }
    expect([net.openPorts(), clock.pending()]).toEqual([0, 0])
  })

  it('announces at the start and every five minutes, several torrents in one datagram', () => {
    const { clock, member, sent } = lab()
    const lsd = member(['10.0.0.1'])
    for (const hash of [1, 2, 3]) find(lsd, hash, 6_881)
    clock.advanceBy(5_000)
    find(lsd, 4, 6_881)
    clock.advanceBy(10 * MINUTE)
    expect(sent.map((line) => line.replace(/10.*: /, ''))).toEqual([
      '0 s 6881 01,02,03',
      '5 s 6881 04',
      '300 s 6881 01,02,03,04',
      '600 s 6881 01,02,03,04',
    ])
  })

  it('announces a new port, but no torrent twice in a minute, not one that comes again either', () => {
    const { clock, member, sent } = lab()
    const lsd = member(['10.0.0.1'])
    find(lsd, 9, 6_881)
    const port$ = new BehaviorSubject(1_001)
    const first = find(lsd, 1, port$)
    clock.advanceBy(10_000)
    for (const port of [1_002, 1_003, 1_003]) port$.next(port)
    clock.advanceBy(MINUTE)
    first.subscription.unsubscribe()
    find(lsd, 1, 1_004)
    clock.advanceBy(2 * MINUTE)
    const about = sent.filter((line) => line.endsWith(' 01'))
    expect(about.map((line) => line.replace(/10.*: /, ''))).toEqual([
      '0 s 1001 01',
      '60 s 1003 01',
      '120 s 1004 01',
    ])
  })

  it('keeps bursts small where there are thousands', () => {
    const { clock, member, sent, net } = lab()
    const lsd = member(['10.0.0.1'])
    const sizes: number[] = []
    net.sent$.subscribe({ next: ({ bytes }) => sizes.push(bytes.length), error: expect.unreachable })
    const hashes = Array.from({ length: 1_000 }, (_, i) =>
      new Uint8Array(20).fill(i & 0xff, 0, 10).fill(i >> 8, 10),
    )
    for (const hash of hashes) lsd.find(hash, of(6_881)).subscribe({ error: expect.unreachable })
    clock.advanceBy(0)
    expect(sent).toHaveLength(8)
    clock.advanceBy(MINUTE)
    expect(sent).toHaveLength(Math.ceil(1_000 / 24))
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1_400)
  })

  it('passes over what it sent itself, and takes any cookie of others', () => {
    const world = lab()
    const { clock, member, net } = world
    const cookies: (string | undefined)[] = []
    net.sent$.subscribe({
      next: ({ bytes }) => {
        const told = decodeLsd(bytes)
        if (E.isRight(told)) cookies.push(told.right.cookie)
      },
      error: expect.unreachable,
    })
    const one = find(member(['10.0.0.1']), 1, 6_881)
    clock.advanceBy(1_000)
    expect(one.peers).toEqual([])
    expect(cookies[0]).toMatch(/^[0-9a-f]{16}$/)
    const socket = stranger(world, '10.0.0.2')
    tell(socket, 1, [1], cookies[0])
    tell(socket, 2, [1], 'foreign')
    tell(socket, 3, [1])
    clock.advanceBy(1_000)
    expect(one.peers.map(({ port }) => port)).toEqual([2, 3])
  })

  it('survives whatever a stranger sends, and bounds what comes of it', () => {
    const world = lab()
    const { clock, member } = world
    const one = find(member(['10.0.0.1']), 1, 6_881)
    clock.advanceBy(1_000)
    const socket = stranger(world, '10.0.0.2')
    for (let i = 0; i < 200; i++) {
      socket.send(new Uint8Array(i * 10).fill(i), { host: LSD_GROUPS[4], port: LSD_PORT })
      tell(socket, 1_000 + i, [1])
      tell(socket, 2_000, [7])
    }
    clock.advanceBy(1_000)
    expect(one.peers.map(({ port }) => port)).toEqual([1_000, 1_001, 1_002, 1_003])
    for (let host = 0; host < 200; host++) tell(stranger(world, `10.0.1.${String(host)}`), 80, [1])
    clock.advanceBy(1_000)
    expect(one.peers).toHaveLength(100)
    clock.advanceBy(MINUTE)
    tell(socket, 5, [1])
    clock.advanceBy(1_000)
    expect(one.peers).toHaveLength(101)
  })

  it('reads only so many datagrams in a second', () => {
    const world = lab()
    const one = find(world.member(['10.0.0.1']), 1, 6_881)
    world.clock.advanceBy(1_000)
    const socket = stranger(world, '10.0.0.2')
    for (let i = 0; i < 1_000; i++) tell(socket, 2_000, [7])
    tell(socket, 1, [1])
    world.clock.advanceBy(2_000)
    expect(one.peers).toEqual([])
    tell(socket, 2, [1])
    world.clock.advanceBy(1_000)
    expect(one.peers.map(({ port }) => port)).toEqual([2])
  })
})

describe('an interface of local discovery that does not work', () => {
  const refusing = (datagrams: Datagrams, isRefused: () => boolean): Datagrams => ({
    bind: (options) =>
      options.family === 6 && isRefused()
        ? of(E.left({ _tag: 'SocketError', code: 'EAFNOSUPPORT' } as const))
        : datagrams.bind(options),
  })

  it('is told of once, ends nothing, and is tried again', () => {
    const { clock, net, member, sent } = lab()
    let isRefused = true
    const host = net.host(['10.0.0.1', 'fd00::1'])
    const lsd = member(['10.0.0.1', 'fd00::1'], { datagrams: refusing(host, () => isRefused) })
    const notices = noticesOf(lsd)
    find(lsd, 1, 6_881)
    clock.advanceBy(6 * MINUTE)
    expect(notices).toEqual([
      { _tag: 'LsdUnavailable', at: expect.any(Number) as number, family: 6, code: 'EAFNOSUPPORT' },
    ])
    expect(sent.map((line) => line.split(' ')[2])).toEqual(['10.0.0.1', '10.0.0.1'])
    isRefused = false
    clock.advanceBy(5 * MINUTE)
    expect(sent.slice(2).map((line) => line.split(' ')[2])).toEqual(['10.0.0.1', 'fd00::1'])
    isRefused = true
    expect(notices).toHaveLength(1)
  })

  it('may be all that there is: what could not be said is said a minute later', () => {
    const { clock, net, member, sent } = lab()
    let isRefused = true
    const lsd = member(['fd00::1'], { datagrams: refusing(net.host(['fd00::1']), () => isRefused) })
    find(lsd, 1, 6_881)
    clock.advanceBy(30_000)
    expect(sent).toEqual([])
    isRefused = false
    clock.advanceBy(MINUTE)
    expect(sent).toEqual(['60 s fd00::1 → ff15::efc0:988f: 6881 01'])
  })

  it('may be broken altogether', () => {
    const { clock, member, sent } = lab()
    const lsd = member(['10.0.0.1'], { datagrams: { bind: () => throwError(() => new Error('a bug')) } })
    const notices = noticesOf(lsd)
    find(lsd, 1, 6_881)
    clock.advanceBy(10 * MINUTE)
    expect(notices.map(({ code }) => code)).toEqual(['EUNEXPECTED'])
    expect(sent).toEqual([])
  })

  it('may go, and others may come', () => {
    const { clock, net, member, sent } = lab()
    let interfaces: ReadonlyArray<{ readonly family: 4 | 6 }> = [{ family: 4 }]
    const lsd = member(['10.0.0.1', 'fd00::1'], { interfaces: () => interfaces })
    find(lsd, 1, 6_881)
    clock.advanceBy(MINUTE)
    interfaces = [{ family: 6 }]
    clock.advanceBy(5 * MINUTE)
    interfaces = []
    clock.advanceBy(5 * MINUTE)
    expect(sent.map((line) => line.split(' ')[2])).toEqual(['10.0.0.1', 'fd00::1'])
    expect(net.openPorts()).toBe(0)
  })
})
