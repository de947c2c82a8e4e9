import type { Subscription } from 'rxjs'
import { describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Network, PeerSocket } from '../../../src/streams/deps.js'
import {
  createVirtualClock,
  createVirtualNetwork,
  type VirtualClock,
  type VirtualNetwork,
  type VirtualNetworkOptions,
} from '../../../src/streams/virtual/index.js'

interface Lab {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly alice: Network
  readonly bob: Network
}

const lab = (options: Partial<VirtualNetworkOptions> = {}): Lab => {
  const clock = createVirtualClock()
  const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 10, ...options })
  return { clock, network, alice: network.host('10.0.0.1'), bob: network.host('10.0.0.2') }
}

/** Notes what a stream says, with the time: `20 Left ECONNREFUSED`, `20 end`. */
const dial = (
  { clock, alice }: Lab,
  port: number,
  host = '10.0.0.2',
): { log: string[]; sockets: PeerSocket[]; subscription: Subscription } => {
  const log: string[] = []
  const sockets: PeerSocket[] = []
  const subscription = alice.connect({ host, port }).subscribe({
    next: (answer) => {
      if (E.isRight(answer)) sockets.push(answer.right)
      log.push(`${String(clock.now())} ${E.isLeft(answer) ? answer.left.code : 'open'}`)
    },
    error: expect.unreachable,
    complete: () => {
      log.push(`${String(clock.now())} end`)
    },
  })
  return { log, sockets, subscription }
}

const serve = (
  { clock, bob }: Lab,
  port: number,
  host?: string,
): { log: string[]; sockets: PeerSocket[]; subscription: Subscription } => {
  const log: string[] = []
  const sockets: PeerSocket[] = []
  const subscription = bob.listen(host === undefined ? { port } : { port, host }).subscribe({
    next: (answer) => {
      if (E.isLeft(answer)) log.push(answer.left.code)
      else if (answer.right._tag === 'Listening') log.push(`listening ${String(answer.right.port)}`)
      else if (answer.right._tag === 'Accepted') {
        sockets.push(answer.right.socket)
        log.push(`${String(clock.now())} from ${answer.right.socket.remote.host}`)
      }
    },
    error: expect.unreachable,
    complete: () => {
      log.push('end')
    },
  })
  return { log, sockets, subscription }
}

const expectEmpty = ({ clock, network }: Lab): void => {
  expect([clock.pending(), network.openSockets(), network.openPorts()]).toEqual([0, 0, 0])
}

describe('createVirtualNetwork', () => {
  it('connects in one round trip', () => {
    const world = lab()
    const server = serve(world, 6_881)
    const client = dial(world, 6_881)
    world.clock.advanceBy(100)
    expect(server.log).toEqual(['listening 6881', '10 from 10.0.0.1'])
    expect(client.log).toEqual(['20 open'])
    expect(client.sockets[0]?.remote).toEqual({ host: '10.0.0.2', port: 6_881 })
    expect([world.network.openSockets(), world.network.openSockets('10.0.0.1')]).toEqual([2, 1])
    expect([world.network.openPorts(), world.network.openPorts('10.0.0.1')]).toEqual([1, 0])
  })

  it('is cold: nothing happens before a subscription, and each one dials', () => {
    const world = lab()
    const server = serve(world, 1)
    const socket$ = world.alice.connect({ host: '10.0.0.2', port: 1 })
    world.clock.advanceBy(100)
    expect(server.sockets).toHaveLength(0)
    socket$.subscribe({ error: expect.unreachable })
    socket$.subscribe({ error: expect.unreachable })
    world.clock.advanceBy(100)
    expect(server.sockets).toHaveLength(2)
  })

  it('refuses where nobody listens, and does not answer where nobody is', () => {
    const world = lab({ connectTimeoutMs: 3_000 })
    const refused = dial(world, 6_881)
    const lost = dial(world, 6_881, '10.9.9.9')
    world.clock.run()
    expect(refused.log).toEqual(['20 ECONNREFUSED', '20 end'])
    expect(lost.log).toEqual(['3000 ETIMEDOUT', '3000 end'])
    expectEmpty(world)
  })

  it('gives free ports, and refuses ports and addresses it cannot give', () => {
    const world = lab()
    const [one, other] = [serve(world, 0), serve(world, 0)]
    const [fixed, taken] = [serve(world, 80, '0.0.0.0'), serve(world, 80)]
    const foreign = serve(world, 81, '10.0.0.1')
    world.clock.run()
    expect(one.log[0]).toMatch(/^listening \d+$/)
    expect(other.log[0]).toMatch(/^listening \d+$/)
    expect(one.log).not.toEqual(other.log)
    expect([fixed.log, taken.log, foreign.log]).toEqual([
      ['listening 80'],
      ['EADDRINUSE', 'end'],
      ['EADDRNOTAVAIL', 'end'],
    ])
    fixed.subscription.unsubscribe()
    const again = serve(world, 80)
    world.clock.run()
    expect(again.log).toEqual(['listening 80'])
  })

  it('lets accepted sockets live on when the port closes', () => {
    const world = lab()
    const server = serve(world, 1)
    const client = dial(world, 1)
    world.clock.advanceBy(50)
    server.subscription.unsubscribe()
    world.clock.advanceBy(50)
    expect(client.log).toEqual(['20 open'])
    expect(world.network.openSockets()).toBe(2)
    client.subscription.unsubscribe()
    server.sockets[0]!.destroy()
    expectEmpty(world)
  })

  it('forgets a dial that is unsubscribed, whenever that is', () => {
    for (const ms of [0, 5, 10, 15, 20, 25]) {
      const world = lab()
      const server = serve(world, 1)
      const client = dial(world, 1)
      world.clock.advanceBy(ms)
      client.subscription.unsubscribe()
      for (const socket of server.sockets) socket.chunk$.subscribe({ error: expect.unreachable })
      world.clock.advanceBy(100)
      server.subscription.unsubscribe()
      expectEmpty(world)
    }
  })

  describe('partition', () => {
    it('swallows a dial', () => {
      const world = lab({ connectTimeoutMs: 1_000 })
      serve(world, 1)
      world.network.partition('10.0.0.2', '10.0.0.1')
      const client = dial(world, 1)
      world.clock.advanceBy(2_000)
      expect(client.log).toEqual(['1000 ETIMEDOUT', '1000 end'])
      world.network.heal('10.0.0.1', '10.0.0.2')
      const second = dial(world, 1)
      world.clock.advanceBy(2_000)
      expect(second.log).toEqual(['2020 open'])
    })

    it('swallows the answer to a dial', () => {
      const world = lab({ connectTimeoutMs: 1_000 })
      serve(world, 1)
      const client = dial(world, 1)
      world.clock.advanceBy(15)
      world.network.partition('10.0.0.2')
      world.clock.advanceBy(2_000)
      expect(client.log).toEqual(['1000 ETIMEDOUT', '1000 end'])
    })

    it('cuts one host off from all', () => {
      const world = lab({ connectTimeoutMs: 1_000 })
      serve(world, 1)
      world.network.partition('10.0.0.2')
      const client = dial(world, 1)
      world.clock.advanceBy(2_000)
      expect(client.log[0]).toBe('1000 ETIMEDOUT')
      world.network.heal('10.0.0.2')
      const second = dial(world, 1)
      world.clock.advanceBy(2_000)
      expect(second.log).toEqual(['2020 open'])
    })
  })

  it('resets every connection of a host, not its ports', () => {
    const world = lab()
    const server = serve(world, 1)
    const clients = [dial(world, 1), dial(world, 1)]
    world.clock.advanceBy(30)
    const late = dial(world, 1)
    world.clock.advanceBy(15)
    world.network.reset('10.0.0.2')
    world.clock.advanceBy(100)
    for (const client of clients) expect(client.log).toEqual(['20 open', '45 end'])
    expect(late.log).toEqual(['45 ECONNRESET', '45 end'])
    expect(server.subscription.closed).toBe(false)
    expect([world.network.openSockets(), world.network.openPorts()]).toEqual([0, 1])
    server.subscription.unsubscribe()
    expectEmpty(world)
  })

  it('lets a host keep the link it was made with', () => {
    const { network } = lab()
    network.host('10.0.0.9', { up: 1 })
    network.host('10.0.0.9')
    expect(network.openSockets('10.0.0.9')).toBe(0)
  })
})
