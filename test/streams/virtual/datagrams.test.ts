import { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { BindOptions, Datagrams, DatagramSocket } from '../../../src/streams/deps.js'
import {
  createVirtualClock,
  createVirtualDatagrams,
  createVirtualWorld,
  type VirtualClock,
  type VirtualDatagrams,
  type VirtualDatagramsOptions,
} from '../../../src/streams/virtual/index.js'

interface Lab {
  readonly clock: VirtualClock
  readonly datagrams: VirtualDatagrams
}

const lab = (options: Partial<VirtualDatagramsOptions> = {}): Lab => {
  const clock = createVirtualClock()
  return { clock, datagrams: createVirtualDatagrams({ clock, seed: 1, latencyMs: 10, ...options }) }
}

interface Opened {
  /** `20 10.0.0.1:5 1,2,3`, `EADDRINUSE`, `end`. */
  readonly log: string[]
  readonly socket: () => DatagramSocket
  readonly subscription: Subscription
}

const open = (clock: VirtualClock, host: Datagrams, options: Partial<BindOptions> = {}): Opened => {
  const log: string[] = []
  const sockets: DatagramSocket[] = []
  const subscription = new Subscription()
  const listen = (socket: DatagramSocket): Subscription =>
    socket.datagram$.subscribe({
      next: ({ from, bytes }) => {
        log.push(`${String(clock.now())} ${from.host}:${String(from.port)} ${bytes.join()}`)
      },
      error: expect.unreachable,
      complete: () => log.push('end'),
    })
  subscription.add(
    host.bind({ port: 0, family: 4, ...options }).subscribe({
      next: (answer) => {
        if (E.isLeft(answer)) {
          log.push(answer.left.code)
        } else {
          sockets.push(answer.right)
          listen(answer.right)
        }
      },
      error: expect.unreachable,
    }),
  )
  clock.advanceBy(0)
  return { log, subscription, socket: () => sockets[0]! }
}

describe('createVirtualDatagrams', () => {
  it('carries datagrams between hosts, after the latency', () => {
    const { clock, datagrams } = lab()
    const a = open(clock, datagrams.host(['10.0.0.1']), { port: 5 })
    const b = open(clock, datagrams.host(['10.0.0.2']), { port: 6 })
    const bytes = Uint8Array.of(1, 2)
    a.socket().send(bytes, { host: '10.0.0.2', port: 6 })
    bytes.fill(9)
    clock.run()
    b.socket().send(Uint8Array.of(3), a.socket().local)
    clock.run()
    expect([a.log, b.log]).toEqual([['20 10.0.0.2:6 3'], ['10 10.0.0.1:5 1,2']])
  })

  it('loses what is sent to nobody, to a closed port, to the other family, and what is too long', () => {
    const { clock, datagrams } = lab()
    const seen: string[] = []
    datagrams.sent$.subscribe({ next: ({ to }) => seen.push(to.host), error: expect.unreachable })
    const a = open(clock, datagrams.host(['10.0.0.1', '2001:db8::1']))
    const b = open(clock, datagrams.host(['10.0.0.2', '2001:db8::2']), { family: 6, port: 6 })
    const { send } = a.socket()
    send(Uint8Array.of(1), { host: '10.0.0.9', port: 6 })
    send(Uint8Array.of(1), { host: '10.0.0.2', port: 7 })
    send(Uint8Array.of(1), { host: '2001:db8::2', port: 6 })
    send(new Uint8Array(65_508), { host: '10.0.0.2', port: 6 })
    clock.run()
    expect([a.log, b.log, seen]).toEqual([[], [], ['10.0.0.9', '10.0.0.2']])
  })

  it('carries both families of a host that has both, and neither more nor less', () => {
    const { clock, datagrams } = lab()
    const a = datagrams.host(['10.0.0.1', '2001:db8::1'])
    const six = open(clock, a, { family: 6, port: 5 })
    const four = open(clock, a, { family: 4, port: 5 })
    const lone = open(clock, datagrams.host(['10.0.0.2']), { family: 6, port: 5 })
    six.socket().send(Uint8Array.of(6), { host: '2001:db8::1', port: 5 })
    four.socket().send(Uint8Array.of(4), { host: '10.0.0.1', port: 5 })
    lone.socket().send(Uint8Array.of(0), { host: '2001:db8::1', port: 5 })
    clock.run()
    expect([six.log, four.log, lone.log]).toEqual([['10 2001:db8::1:5 6'], ['10 10.0.0.1:5 4'], []])
  })

  it('gives free ports, and refuses those and addresses that it cannot give', () => {
    const { clock, datagrams } = lab()
    const host = datagrams.host(['10.0.0.1'])
    const free = [open(clock, host), open(clock, host)].map((opened) => opened.socket().local.port)
    expect(new Set(free).size).toBe(2)
    expect(open(clock, host, { port: free[0]! }).log).toEqual(['EADDRINUSE'])
    expect(open(clock, host, { host: '10.0.0.2' }).log).toEqual(['EADDRNOTAVAIL'])
    expect(open(clock, host, { host: '0.0.0.0' }).log).toEqual([])
    expect([datagrams.openPorts(), datagrams.openPorts('10.0.0.2')]).toEqual([3, 0])
  })

  it('closes a port when unsubscribed, with what is on its way there', () => {
    const { clock, datagrams } = lab()
    const a = open(clock, datagrams.host(['10.0.0.1']))
    const b = open(clock, datagrams.host(['10.0.0.2']))
    a.socket().send(Uint8Array.of(1), b.socket().local)
    b.subscription.unsubscribe()
    b.socket().send(Uint8Array.of(2), a.socket().local)
    clock.run()
    expect([a.log, b.log, datagrams.openPorts(), clock.pending()]).toEqual([[], ['end'], 1, 0])
  })

  it('comes to every listener of a multicast group', () => {
    const { clock, datagrams } = lab()
    const group = '239.192.152.143'
    const options = { port: 6_771, multicast: { group } }
    const members = ['10.0.0.1', '10.0.0.2', '10.0.0.2'].map((address) =>
      open(clock, datagrams.host([address]), options),
    )
    const stranger = open(clock, datagrams.host(['10.0.0.3']), { port: 6_771 })
    members[0]!.socket().send(Uint8Array.of(1), { host: group, port: 6_771 })
    clock.run()
    expect(members.map(({ log }) => log)).toEqual(Array(3).fill(['10 10.0.0.1:6771 1']))
    expect(stranger.log).toEqual([])
  })

  it('loses and delays by the seed alone', () => {
    const run = (seed: number): ReadonlyArray<string> => {
      const { clock, datagrams } = lab({ seed, lossChance: 0.3, jitterMs: 40 })
      const a = open(clock, datagrams.host(['10.0.0.1']))
      const b = open(clock, datagrams.host(['10.0.0.2']))
      for (let i = 0; i < 200; i++) a.socket().send(Uint8Array.of(i), b.socket().local)
      clock.run()
      return b.log
    }
    expect(run(1)).toEqual(run(1))
    expect(run(1)).not.toEqual(run(2))
    expect(run(1).length).toBeGreaterThan(110)
    expect(run(1).length).toBeLessThan(170)
  })

  it('is part of a world, with its latency and its partitions', () => {
    const world = createVirtualWorld({ seed: 1, network: { latencyMs: 5 } })
    const a = open(world.clock, world.host('10.0.0.1').datagrams)
    const b = open(world.clock, world.host('10.0.0.2', { addresses: ['2001:db8::2'] }).datagrams)
    const send = (byte: number): void => {
      a.socket().send(Uint8Array.of(byte), b.socket().local)
      world.clock.run()
    }
    send(1)
    world.network.partition('10.0.0.1', '10.0.0.2')
    send(2)
    world.network.heal('10.0.0.1', '10.0.0.2')
    send(3)
    expect(b.log).toEqual(['5 10.0.0.1:49152 1', '15 10.0.0.1:49152 3'])
  })
})
