import { map, of, type Subscription, timer } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { AnnounceRequest } from '../../../src/codecs/announce.js'
import { fromUtf8, toUtf8 } from '../../../src/codecs/bytes.js'
import type { IpScope } from '../../../src/codecs/ipAddress.js'
import { udpTracker, type UdpTrackerOptions } from '../../../src/streams/tracker/udpTracker.js'
import type { ResolveName, SocketError, TrackerClient, TrackerError } from '../../../src/streams/deps.js'
import {
  createVirtualRandom,
  createVirtualWorld,
  type VirtualWorld,
} from '../../../src/streams/virtual/index.js'
import {
  type Asked,
  joinedBytes,
  politeAnswer,
  type UdpTracker,
  udpTrackerOn,
  words,
} from '../../support/udpTracker.js'

const US = '10.0.0.1'
const TRACKER = '192.0.2.80'
const TRACKER6 = '2001:db8::80'
const URL4 = `udp://${TRACKER}:6969/announce`

const REQUEST: AnnounceRequest = {
  infohash: new Uint8Array(20).fill(1),
  peerId: new Uint8Array(20).fill(2),
  port: 6_881,
  uploaded: 1,
  downloaded: 2,
  left: 3,
  event: 'started',
  numWant: 50,
  key: 7,
  trackerId: undefined,
}

const NAMES: Readonly<Record<string, ReadonlyArray<string>>> = {
  'both.test': [TRACKER6, TRACKER],
  'four.test': [TRACKER],
  'home.test': ['127.0.0.1'],
  'many.test': ['239.192.152.143', 'ff15::1'],
}

const resolve: ResolveName = (name) => {
  const found = NAMES[name] ?? (/^[\d.]+$|:/.test(name) ? [name] : undefined)
  return of(
    found === undefined ? E.left({ _tag: 'SocketError', code: 'ENOTFOUND' } as const) : E.right(found),
  )
}

interface Lab {
  readonly world: VirtualWorld
  readonly client: Required<TrackerClient>
  readonly tracker: UdpTracker
  /** Packets sent by us. */
  readonly sent: Array<{ readonly at: number; readonly to: string }>
  readonly openPorts: () => number
}

const lab = (
  answer: (asked: Asked) => Uint8Array | ReadonlyArray<Uint8Array> = politeAnswer,
  options: Partial<UdpTrackerOptions> = {},
): Lab => {
  const world = createVirtualWorld({ seed: 1, network: { latencyMs: 50 } })
  const { clock } = world
  const host = world.host(US, { addresses: ['2001:db8::1'] })
  const other = world.host(TRACKER, { addresses: [TRACKER6] })
  const sent: Array<{ readonly at: number; readonly to: string }> = []
  world.datagrams.sent$.subscribe({
    next: ({ from, to }) => {
      if (from.host === US || from.host === '2001:db8::1') sent.push({ at: clock.now(), to: to.host })
    },
    error: expect.unreachable,
  })
  const tracker = udpTrackerOn(other.datagrams, { port: 6_969, family: 4 }, answer)
  const client = udpTracker({
    datagrams: host.datagrams,
    clock,
    random: createVirtualRandom(3),
    resolve,
    ...options,
  })
  return {
    world,
    client,
    tracker,
    sent,
    openPorts: () => world.datagrams.openPorts(US) + world.datagrams.openPorts('2001:db8::1'),
  }
}

interface Answers<A> {
  readonly log: Array<{ readonly at: number; readonly answer: Either<TrackerError, A> }>
  readonly subscription: Subscription
  readonly isComplete: () => boolean
}

const announce = ({ client, world }: Lab, url = URL4, request = REQUEST): Answers<object> => {
  const log: Answers<object>['log'] = []
  let isComplete = false
  const subscription = client.announce(url, request).subscribe({
    next: (answer) => log.push({ at: world.clock.now(), answer }),
    error: expect.unreachable,
    complete: () => {
      isComplete = true
    },
  })
  return { log, subscription, isComplete: () => isComplete }
}

const OK = E.right({ interval: 900, incomplete: 3, complete: 4, peers: [] })
const TIMEOUT = E.left({ _tag: 'TrackerTimeout' })
const HOUR = 3_600_000

describe('announce', () => {
  it('connects, announces, emits once, completes, and closes its port', () => {
    const scene = lab()
    const announced = announce(scene)
    scene.world.clock.run()
    expect(announced.log).toMatchObject([{ at: 200, answer: OK }])
    expect(announced.isComplete()).toBe(true)
    expect(scene.openPorts()).toBe(0)
    const [connect, asked] = scene.tracker.asked
    expect(scene.tracker.asked).toHaveLength(2)
    expect([connect?.action, connect?.bytes.length]).toEqual([0, 16])
    expect(asked?.view.getBigUint64(0)).toBe((1n << 32n) | 2n)
    expect(asked?.bytes.subarray(16, 36)).toEqual(REQUEST.infohash)
    expect(connect?.transactionId).not.toBe(asked?.transactionId)
    expect(fromUtf8(asked!.bytes.subarray(100, 109))).toBe('/announce')
  })

  it('sends nothing before it is subscribed to, and nothing open stays when it is unsubscribed', () => {
    for (const ms of [0, 20, 60, 120, 160]) {
      const scene = lab()
      void scene.client.announce(URL4, REQUEST)
      scene.world.clock.run()
      expect(scene.sent).toEqual([])
      const { log, subscription } = announce(scene)
      scene.world.clock.advanceBy(ms)
      expect(scene.openPorts()).toBe(1)
      subscription.unsubscribe()
      expect(scene.openPorts()).toBe(0)
      const before = scene.sent.length
      scene.world.clock.run()
      expect([log, scene.sent.length]).toEqual([[], before])
    }
  })

  it('connects once for many, through one port', () => {
    const scene = lab()
    const all = Array.from({ length: 20 }, () => announce(scene))
    scene.world.clock.advanceBy(10)
    expect(scene.openPorts()).toBe(1)
    scene.world.clock.run()
    for (const { log } of all) expect(log).toMatchObject([{ at: 200, answer: OK }])
    const actions = scene.tracker.asked.map(({ action }) => action)
    expect(actions).toEqual([0, ...Array<number>(20).fill(1)])
    expect(new Set(scene.tracker.asked.map(({ transactionId }) => transactionId)).size).toBe(21)
  })

  it('goes on connecting for the others when the first who asked has left', () => {
    const scene = lab()
    const [first, second] = [announce(scene), announce(scene)]
    scene.world.clock.advanceBy(20)
    first.subscription.unsubscribe()
    scene.world.clock.run()
    expect(second.log).toMatchObject([{ at: 200, answer: OK }])
    expect(scene.tracker.asked.map(({ action }) => action)).toEqual([0, 1])
  })

  it('uses a connection for 60 s, not longer', () => {
    const scene = lab()
    const at = (ms: number): void => {
      scene.world.clock.advanceTo(ms)
      announce(scene)
    }
    at(0)
    at(30_000)
    at(60_050)
    at(60_150)
    scene.world.clock.run()
    expect(scene.tracker.asked.map(({ action }) => action)).toEqual([0, 1, 1, 1, 0, 1])
  })

  it('connects anew where a tracker refuses the connection of an earlier port', () => {
    let isRefusing = false
    const scene = lab((asked) => {
      const isRefused = isRefusing && asked.action === 1
      if (isRefused) isRefusing = false
      return isRefused
        ? joinedBytes(words(3, asked.transactionId), toUtf8('connection mismatch'))
        : politeAnswer(asked)
    })
    announce(scene)
    scene.world.clock.run()
    isRefusing = true
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toMatchObject([{ answer: OK }])
    expect(scene.tracker.asked.map(({ action }) => action)).toEqual([0, 1, 1, 0, 1])
  })

  it('hands on what the tracker refuses with', () => {
    const scene = lab((asked) =>
      asked.action === 0
        ? politeAnswer(asked)
        : joinedBytes(words(3, asked.transactionId), toUtf8('unknown torrent')),
    )
    const { log } = announce(scene)
    scene.world.clock.run()
    const error = { _tag: 'TrackerFailure', reason: 'unknown torrent', retryInSeconds: undefined }
    expect(log).toEqual([{ at: 200, answer: E.left(error) }])
    expect(scene.tracker.asked).toHaveLength(2)
  })
})

describe('hostile packets', () => {
  const spoilt: ReadonlyArray<readonly [string, (asked: Asked) => Uint8Array]> = [
    [
      'of another transaction',
      (asked) => joinedBytes(words(asked.action, asked.transactionId ^ 1), new Uint8Array(60)),
    ],
    [
      'of another action',
      (asked) => joinedBytes(words((asked.action + 1) % 3, asked.transactionId), new Uint8Array(60)),
    ],
    ['too short', (asked) => politeAnswer(asked).subarray(0, 15)],
    ['empty', () => new Uint8Array(0)],
    ['an error of another transaction', (asked) => words(3, asked.transactionId ^ 1)],
  ]

  it.each(spoilt)('does not mind one that is %s', (_, spoil) => {
    const scene = lab((asked) => [spoil(asked), politeAnswer(asked)])
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toMatchObject([{ at: 200, answer: OK }])
  })

  it.each(spoilt)('waits no longer and no shorter because of one that is %s', (_, spoil) => {
    const times = [spoil, () => []].map((answer) => {
      const scene = lab(answer)
      announce(scene)
      scene.world.clock.run()
      return scene.sent
    })
    expect(times[0]).toEqual(times[1])
    expect(times[0]).toHaveLength(2)
  })

  it('hears nobody but the very address and port that it asked', () => {
    const scene = lab(() => [])
    const forgers = [
      udpTrackerOn(scene.world.host('192.0.2.66').datagrams, { port: 6_969, family: 4 }),
      udpTrackerOn(scene.world.host(TRACKER).datagrams, { port: 6_970, family: 4 }),
    ]
    const { log } = announce(scene)
    scene.world.clock.advanceBy(60)
    const [asked] = scene.tracker.asked
    for (const forger of forgers) forger.send(politeAnswer(asked!), asked!.from)
    scene.world.clock.advanceBy(100)
    expect(scene.sent).toHaveLength(1)
    scene.tracker.send(politeAnswer(asked!), asked!.from)
    scene.world.clock.advanceBy(100)
    expect(scene.sent).toHaveLength(2)
    expect(log).toEqual([])
  })

  it('takes an answer once, and one that comes after the end not at all', () => {
    const scene = lab((asked) => Array<Uint8Array>(5).fill(politeAnswer(asked)))
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toHaveLength(1)
    expect(scene.sent).toHaveLength(2)
  })
})

describe('a silent tracker', () => {
  it('is asked after 15, 30, 60 … seconds and a little, at most nine times in an hour', () => {
    const scene = lab(() => [], { announceTimeout: HOUR })
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toEqual([{ at: HOUR, answer: TIMEOUT }])
    const gaps = scene.sent.slice(1).map(({ at }, i) => (at - scene.sent[i]!.at) / (15_000 * 2 ** i))
    expect(gaps.length).toBeGreaterThanOrEqual(7)
    expect(scene.sent.length).toBeLessThanOrEqual(9)
    for (const gap of gaps) {
      expect(gap).toBeGreaterThan(1)
      expect(gap).toBeLessThanOrEqual(1.25)
    }
    expect(new Set(gaps).size).toBe(gaps.length)
  })

  it('has 30 s for an announce, 5 s for `stopped`', () => {
    const scene = lab(() => [])
    const [started, stopped] = [announce(scene), announce(scene, URL4, { ...REQUEST, event: 'stopped' })]
    scene.world.clock.run()
    expect(started.log).toEqual([{ at: 30_000, answer: TIMEOUT }])
    expect(stopped.log).toEqual([{ at: 5_000, answer: TIMEOUT }])
    expect([scene.openPorts(), scene.world.clock.pending()]).toEqual([0, 0])
  })

  it('hears one packet only at each later announce, until it answers', () => {
    let isSilent = true
    const scene = lab((asked) => (isSilent ? [] : politeAnswer(asked)))
    const count = (): number => {
      const before = scene.sent.length
      announce(scene)
      scene.world.clock.run()
      return scene.sent.length - before
    }
    expect([count(), count(), count()]).toEqual([2, 1, 1])
    isSilent = false
    expect(count()).toBe(2)
    scene.world.clock.advanceBy(HOUR)
    isSilent = true
    expect(count()).toBe(2)
  })

  it('is connected to anew when its connection expires meanwhile', () => {
    let connects = 0
    const scene = lab(
      (asked) => {
        if (asked.action === 0) connects++
        return asked.action === 0 || connects > 1 ? politeAnswer(asked) : []
      },
      { announceTimeout: HOUR },
    )
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toMatchObject([{ answer: OK }])
    expect(log[0]!.at).toBeGreaterThan(60_000)
    expect(connects).toBe(2)
  })
})

describe('names and addresses', () => {
  const six = (scene: Lab, answer?: (asked: Asked) => Uint8Array | ReadonlyArray<Uint8Array>): UdpTracker =>
    udpTrackerOn(scene.world.host(TRACKER).datagrams, { port: 6_969, family: 6 }, answer)

  it('asks both families of a name that has both, and joins what they say', () => {
    const scene = lab((asked) =>
      asked.action === 0
        ? politeAnswer(asked)
        : joinedBytes(words(1, asked.transactionId, 600, 9, 1), Uint8Array.of(192, 0, 2, 7, 0, 80)),
    )
    const other = six(scene, (asked) =>
      asked.action === 0
        ? politeAnswer(asked)
        : joinedBytes(words(1, asked.transactionId, 700, 5, 2), new Uint8Array(15), Uint8Array.of(7, 0, 81)),
    )
    const { log } = announce(scene, 'udp://both.test:6969/announce')
    scene.world.clock.run()
    const peers = [
      { host: '192.0.2.7', port: 80 },
      { host: '::7', port: 81 },
    ]
    expect(log).toMatchObject([
      { at: 200, answer: E.right({ interval: 700, incomplete: 9, complete: 2, peers }) },
    ])
    expect(other.asked).toHaveLength(2)
    expect(scene.openPorts()).toBe(0)
  })

  it.each([
    ['4', true, false],
    ['6', false, true],
  ])('does with IPv%s where the other family is silent', (_, isFour, isSix) => {
    const scene = lab(isFour ? politeAnswer : () => [])
    six(scene, isSix ? politeAnswer : () => [])
    const { log } = announce(scene, 'udp://both.test:6969/announce')
    scene.world.clock.run()
    expect(log).toMatchObject([{ at: 1_200, answer: OK }])
    expect(scene.openPorts()).toBe(0)
    // The next time it is not waited for as long.
    scene.world.clock.advanceTo(10_000)
    const next = announce(scene, 'udp://both.test:6969/announce')
    scene.world.clock.run()
    expect(next.log).toMatchObject([{ at: 10_300, answer: OK }])
  })

  it('says what the tracker says rather than that its other address is silent', () => {
    const scene = lab((asked) => joinedBytes(words(3, asked.transactionId), toUtf8('no')))
    const { log } = announce(scene, 'udp://both.test:6969/announce')
    scene.world.clock.run()
    expect(log).toMatchObject([{ answer: E.left({ _tag: 'TrackerFailure', reason: 'no' }) }])
  })

  it.each([
    ['udp://nowhere.test:80/announce', { _tag: 'TrackerUnreachable', code: 'ENOTFOUND' }],
    ['udp://127.0.0.1:6969/', { _tag: 'TrackerAddressRefused' }],
    ['udp://127.0.0.1:6969/x/announce', { _tag: 'TrackerAddressRefused' }],
    ['udp://[::1]:6969/', { _tag: 'TrackerAddressRefused' }],
    ['udp://[::ffff:127.0.0.1]:6969/', { _tag: 'TrackerAddressRefused' }],
    ['udp://home.test:6969/admin', { _tag: 'TrackerAddressRefused' }],
    ['udp://many.test:6969/announce', { _tag: 'TrackerAddressRefused' }],
    ['udp://255.255.255.255:6969/announce', { _tag: 'TrackerAddressRefused' }],
    ['udp://192.0.2.80:0/announce', { _tag: 'InvalidTrackerUrl' }],
    ['http://192.0.2.80:80/announce', { _tag: 'UnsupportedTracker', scheme: 'http' }],
    ['udp://192.0.2.80:80/announce?info_hash=x', { _tag: 'InvalidTrackerUrl' }],
    ['nonsense', { _tag: 'InvalidTrackerUrl' }],
  ])('sends nothing to %s', (url, error) => {
    const scene = lab()
    const { log } = announce(scene, url)
    scene.world.clock.run()
    expect(log).toEqual([{ at: 0, answer: E.left(error) }])
    expect(scene.sent).toEqual([])
  })

  it('sends announces to this machine, and in the form that packets come from', () => {
    const scene = lab()
    const { log } = announce(scene, `udp://[2001:DB8:0::0080]:6969/announce`)
    six(scene)
    scene.world.clock.run()
    expect(log).toMatchObject([{ answer: OK }])
    announce(scene, 'udp://home.test:6969/announce')
    scene.world.clock.run()
    expect(scene.sent.at(-1)?.to).toBe('127.0.0.1')
  })

  it('goes by the address that the name has now, not by its name', () => {
    const scopeOf = (ip: Uint8Array): IpScope => (ip[0] === 192 ? 'loopback' : 'global')
    const scene = lab(politeAnswer, { scopeOf })
    const { log } = announce(scene, 'udp://four.test:6969/x')
    scene.world.clock.run()
    expect(log).toEqual([{ at: 0, answer: E.left({ _tag: 'TrackerAddressRefused' }) }])
  })

  it('looks for names no longer than an announce may take', () => {
    const slow: ResolveName = () =>
      timer(HOUR, scene.world.clock).pipe(
        map((): Either<SocketError, ReadonlyArray<string>> => E.right([TRACKER])),
      )
    const scene: Lab = lab(politeAnswer, { resolve: slow })
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toEqual([{ at: 30_000, answer: TIMEOUT }])
    expect(scene.sent).toEqual([])
  })
})

describe('ports', () => {
  it('says why there is none', () => {
    const scene = lab(politeAnswer, {
      datagrams: { bind: () => of(E.left({ _tag: 'SocketError', code: 'EMFILE' } as const)) },
    })
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toEqual([{ at: 0, answer: E.left({ _tag: 'TrackerUnreachable', code: 'EMFILE' }) }])
  })

  it('fails where the system takes it away', () => {
    const scene = lab(politeAnswer, { datagrams: { bind: () => of() } })
    const { log } = announce(scene)
    scene.world.clock.run()
    expect(log).toMatchObject([{ answer: E.left({ _tag: 'TrackerUnreachable' }) }])
  })
})

describe('scrape', () => {
  const scrape = (
    { client, world }: Lab,
    count: number,
  ): ReadonlyArray<Either<TrackerError, ReadonlyMap<string, object>>> => {
    const log: Either<TrackerError, ReadonlyMap<string, object>>[] = []
    const infohashes = Array.from({ length: count }, (_, i) => new Uint8Array(20).fill(i))
    client
      .scrape(URL4, infohashes)
      .subscribe({ next: (answer) => log.push(answer), error: expect.unreachable })
    world.clock.run()
    return log
  }

  it('asks about as many as fit into a packet, packet by packet, over one connection', () => {
    const scene = lab()
    const [answer] = scrape(scene, 100)
    expect(scene.tracker.asked.map(({ action, bytes }) => [action, bytes.length])).toEqual([
      [0, 16],
      [2, 16 + 74 * 20],
      [2, 16 + 26 * 20],
    ])
    expect(E.isRight(answer!) && answer.right.size).toBe(100)
    expect(E.isRight(answer!) && answer.right.get('4b'.repeat(20))).toEqual({
      complete: 1,
      downloaded: 101,
      incomplete: 201,
      downloaders: undefined,
    })
    expect(scene.openPorts()).toBe(0)
  })

  it('leaves out those that the tracker has nothing to say of', () => {
    const scene = lab((asked) =>
      asked.action === 0 ? politeAnswer(asked) : words(2, asked.transactionId, 1, 2, 3),
    )
    expect(scrape(scene, 2)).toMatchObject([E.right(new Map([['00'.repeat(20), { complete: 1 }]]))])
    const [answer] = scrape(scene, 80)
    expect(E.isRight(answer!) && answer.right.size).toBe(1)
  })

  it('asks nothing about nothing, and fails as announces do', () => {
    const scene = lab()
    expect(scrape(scene, 0)).toEqual([E.right(new Map())])
    expect(scene.sent).toEqual([])
    expect(
      scrape(
        lab(() => []),
        1,
      ),
    ).toEqual([TIMEOUT])
  })
})
