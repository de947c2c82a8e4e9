import { createSocket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import { Subscription } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { nodeDatagrams } from '../../../src/streams/node/datagrams.js'
import type { BindOptions, Datagram, DatagramSocket } from '../../../src/streams/deps.js'
import { rethrow } from '../../support/rethrow.js'
import { until } from '../../support/until.js'

const { bind } = nodeDatagrams()

let running = new Subscription()
afterEach(() => {
  running.unsubscribe()
  running = new Subscription()
})

interface Opened {
  readonly sockets: DatagramSocket[]
  readonly codes: string[]
  readonly received: Datagram[]
  readonly subscription: Subscription
  readonly ends: string[]
}

const open = (options: BindOptions): Opened => {
  const opened: Opened = {
    sockets: [],
    codes: [],
    received: [],
    ends: [],
    subscription: new Subscription(),
  }
  const { subscription } = opened
  running.add(subscription)
  const listen = (socket: DatagramSocket): Subscription =>
    socket.datagram$.subscribe({
      next: (datagram) => opened.received.push(datagram),
      error: rethrow,
      complete: () => opened.ends.push('datagrams'),
    })
  subscription.add(
    bind(options).subscribe({
      next: (answer) => {
        if (E.isLeft(answer)) {
          opened.codes.push(answer.left.code)
        } else {
          opened.sockets.push(answer.right)
          subscription.add(listen(answer.right))
        }
      },
      error: rethrow,
      complete: () => opened.ends.push('bind'),
    }),
  )
  return opened
}

const bound = async (options: BindOptions): Promise<Opened & { readonly socket: DatagramSocket }> => {
  const opened = open(options)
  await until(() => opened.sockets.length + opened.codes.length > 0)
  expect(opened.codes).toEqual([])
  return { ...opened, socket: opened.sockets[0]! }
}

const isIpv6There = Object.values(networkInterfaces()).some((all) =>
  all?.some((one) => one.address === '::1'),
)

const ipv6Link = Object.entries(networkInterfaces()).find(([, all]) =>
  all?.some(({ family, internal }) => family === 'IPv6' && !internal),
)?.[0]

const FAMILIES = [
  { family: 4, host: '127.0.0.1', other: '::1' },
  { family: 6, host: '::1', other: '127.0.0.1' },
] as const

describe.each(FAMILIES.slice(0, isIpv6There ? 2 : 1))('over IPv$family', ({ family, host, other }) => {
  it('carries datagrams whole, with where they came from', async () => {
    const [a, b] = [await bound({ port: 0, family, host }), await bound({ port: 0, family, host })]
    expect(a.socket.local).toEqual({ host, port: expect.any(Number) as number })
    a.socket.send(Uint8Array.of(1, 2, 3), b.socket.local)
    a.socket.send(new Uint8Array(0), b.socket.local)
    await until(() => b.received.length === 2)
    expect(b.received).toEqual([
      { from: a.socket.local, bytes: Uint8Array.of(1, 2, 3) },
      { from: a.socket.local, bytes: new Uint8Array(0) },
    ])
    expect(a.received).toEqual([])
  })

  it('gives each datagram bytes of its own', async () => {
    const [a, b] = [await bound({ port: 0, family, host }), await bound({ port: 0, family, host })]
    for (let i = 0; i < 20; i++) a.socket.send(new Uint8Array(1_000).fill(i), b.socket.local)
    await until(() => b.received.length === 20)
    expect(b.received.map(({ bytes }) => bytes[999])).toEqual(Array.from({ length: 20 }, (_, i) => i))
  })

  it('drops what cannot be sent, and goes on', async () => {
    const [a, b] = [await bound({ port: 0, family, host }), await bound({ port: 0, family, host })]
    const { port } = b.socket.local
    const nowhere = [
      { host: other, port },
      { host: 'localhost', port },
      { host: '', port },
      { host, port: 0 },
      { host, port: -1 },
      { host, port: 65_536 },
      { host, port: Number.NaN },
      { host, port: 1.5 },
    ]
    for (const to of nowhere) a.socket.send(Uint8Array.of(1), to)
    a.socket.send(new Uint8Array(100_000), b.socket.local)
    a.socket.send(Uint8Array.of(2), b.socket.local)
    await until(() => b.received.length > 0)
    expect(b.received.map(({ bytes }) => [...bytes])).toEqual([[2]])
    expect([a.codes, a.ends]).toEqual([[], []])
  })

  it('says what the system says about a port that it cannot have', async () => {
    const taken = await bound({ port: 0, family, host })
    const second = open({ port: taken.socket.local.port, family, host })
    const foreign = open({ port: 0, family, host: family === 4 ? '192.0.2.1' : '2001:db8::1' })
    const name = open({ port: 0, family, host: 'localhost' })
    const ports = [70_000, -1, 1.5].map((port) => open({ port, family, host }))
    const all = [second, foreign, name, ...ports]
    await until(() => all.every(({ ends }) => ends.length > 0))
    expect(all.map(({ codes }) => codes)).toEqual([
      ['EADDRINUSE'],
      ['EADDRNOTAVAIL'],
      ['EINVAL'],
      ['ERR_SOCKET_BAD_PORT'],
      ['ERR_SOCKET_BAD_PORT'],
      ['ERR_SOCKET_BAD_PORT'],
    ])
    expect(all.every(({ sockets }) => sockets.length === 0)).toBe(true)
  })

  it('closes the port when unsubscribed; what is sent then goes nowhere', async () => {
    const a = await bound({ port: 0, family, host })
    const ends: string[] = []
    a.socket.datagram$.subscribe({ error: rethrow, complete: () => ends.push('datagrams') })
    a.subscription.unsubscribe()
    const again = await bound({ port: a.socket.local.port, family, host })
    await until(() => ends.length > 0)
    a.socket.send(Uint8Array.of(1), again.socket.local)
    again.socket.send(Uint8Array.of(2), again.socket.local)
    await until(() => again.received.length > 0)
    expect(again.received.map(({ bytes }) => [...bytes])).toEqual([[2]])
  })

  it('leaves nothing when unsubscribed before it is open', async () => {
    const { socket } = await bound({ port: 0, family, host })
    const opened = open({ port: 0, family, host })
    opened.subscription.unsubscribe()
    socket.send(Uint8Array.of(1), socket.local)
    expect(opened.subscription.closed).toBe(true)
  })
})

it('binds any address of the family, and the port of both at once', async (context) => {
  const four = await bound({ port: 0, family: 4 })
  expect(four.socket.local.host).toBe('0.0.0.0')
  if (!isIpv6There) context.skip()
  const six = await bound({ port: four.socket.local.port, family: 6 })
  expect(six.socket.local).toEqual({ host: '::', port: four.socket.local.port })
})

describe('multicast', () => {
  const group = '239.192.152.143'

  it('shares the port, and hears what is sent to the group from the interface', async () => {
    const { port } = (await bound({ port: 0, family: 4 })).socket.local
    running.unsubscribe()
    running = new Subscription()
    const options = { port, family: 4, multicast: { group, interface: '127.0.0.1' } } as const
    const [a, b] = [await bound(options), await bound(options)]
    a.socket.send(Uint8Array.of(7), { host: group, port })
    await until(() => a.received.length > 0 && b.received.length > 0)
    for (const { received } of [a, b]) {
      expect(received).toEqual([{ from: { host: '127.0.0.1', port }, bytes: Uint8Array.of(7) }])
    }
  })

  it('listens on every interface where none is named', async () => {
    const opened = await bound({ port: 0, family: 4, multicast: { group } })
    const sender = createSocket('udp4')
    running.add(() => sender.close())
    await new Promise<void>((resolve) => sender.bind(0, '127.0.0.1', resolve))
    sender.setMulticastInterface('127.0.0.1')
    sender.send(Uint8Array.of(8), opened.socket.local.port, group)
    await until(() => opened.received.length > 0)
    expect(opened.received[0]?.bytes).toEqual(Uint8Array.of(8))
  })

  it('answers with a Left where the group or the interface is none', async () => {
    const all = [
      open({ port: 0, family: 4, multicast: { group: '127.0.0.1' } }),
      open({ port: 0, family: 4, multicast: { group, interface: '192.0.2.1' } }),
      open({ port: 0, family: 4, multicast: { group: 'nonsense' } }),
    ]
    await until(() => all.every(({ ends }) => ends.length > 0))
    for (const { codes, sockets } of all) {
      expect(codes).toHaveLength(1)
      expect(codes[0]).toMatch(/^E[A-Z]+$/)
      expect(sockets).toEqual([])
    }
  })

  // The loopback interface has no IPv6 multicast.
  it.skipIf(ipv6Link === undefined)('works over IPv6', async () => {
    const group6 = 'ff15::efc0:988f'
    const multicast = { group: group6, interface: `::%${String(ipv6Link)}` }
    const [named, every] = [
      await bound({ port: 0, family: 6, multicast }),
      await bound({ port: 0, family: 6, multicast: { group: group6 } }),
    ]
    for (const { socket, received } of [named, every]) {
      named.socket.send(Uint8Array.of(9), { host: group6, port: socket.local.port })
      await until(() => received.length > 0)
      expect(received[0]).toMatchObject({ from: { port: named.socket.local.port }, bytes: Uint8Array.of(9) })
    }
  })
})
