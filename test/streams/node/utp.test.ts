import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { Subscription } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import { equalBytes } from '../../../src/codecs/bytes.js'
import type { ListenEvent, Network, PeerSocket } from '../../../src/streams/deps.js'
import { nodeClock } from '../../../src/streams/node/clock.js'
import { nodeDatagrams } from '../../../src/streams/node/datagrams.js'
import { dht } from '../../../src/streams/node/nodeDht.js'
import { nodeNetwork } from '../../../src/streams/node/network.js'
import { nodeRandom } from '../../../src/streams/node/random.js'
import { utpNetwork } from '../../../src/streams/utp/utpNetwork.js'
import { payload } from '../../support/storageLayout.js'
import { until } from '../../support/until.js'

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'))

let running = new Subscription()
afterEach(() => {
  running.unsubscribe()
  running = new Subscription()
})

interface Ear {
  readonly events: ListenEvent[]
  readonly sockets: PeerSocket[]
  readonly port: () => number
}

const listen = (network: Network, port = 0): Ear => {
  const events: ListenEvent[] = []
  const sockets: PeerSocket[] = []
  running.add(
    network.listen({ port }).subscribe({
      next: (event) => {
        if (E.isLeft(event)) throw new Error(event.left.code)
        events.push(event.right)
        if (event.right._tag === 'Accepted') sockets.push(event.right.socket)
      },
      error: expect.unreachable,
    }),
  )
  return {
    events,
    sockets,
    port: () => events.flatMap((event) => (event._tag === 'Listening' ? [event.port] : []))[0] ?? 0,
  }
}

const dial = (network: Network, host: string, port: number): PeerSocket[] => {
  const sockets: PeerSocket[] = []
  running.add(
    network.connect({ host, port }).subscribe({
      next: (connected) => {
        if (E.isLeft(connected)) throw new Error(connected.left.code)
        sockets.push(connected.right)
      },
      error: expect.unreachable,
    }),
  )
  return sockets
}

const readAll = (socket: PeerSocket): { readonly bytes: () => Uint8Array; readonly log: string[] } => {
  const chunks: Uint8Array[] = []
  const log: string[] = []
  socket.chunk$.subscribe({
    next: (chunk) => {
      if (E.isLeft(chunk)) log.push(chunk.left.code)
      else chunks.push(chunk.right.slice())
    },
    error: expect.unreachable,
    complete: () => log.push('end'),
  })
  return { bytes: () => new Uint8Array(Buffer.concat(chunks)), log }
}

describe('nodeNetwork with uTP', () => {
  it.each(['127.0.0.1', ...(hasIPv6 ? ['::1', '0:0:0:0:0:0:0:1'] : [])])(
    'carries megabytes both ways over %s',
    async (host) => {
      const network = nodeNetwork({ utp: 'preferred' })
      const ear = listen(network)
      await until(() => ear.port() > 0)
      const dialled = dial(nodeNetwork({ utp: 'preferred' }), host, ear.port())
      const [there, back] = [payload(3_000_000, 1), payload(2_000_000, 2)]
      await until(() => dialled.length > 0)
      dialled[0]!.write([there.slice()])
      await until(() => ear.sockets.length > 0)
      ear.sockets[0]!.write([back.slice()])
      const [near, far] = [readAll(dialled[0]!), readAll(ear.sockets[0]!)]
      await until(() => far.bytes().length === there.length && near.bytes().length === back.length)
      expect(equalBytes(far.bytes(), there)).toBe(true)
      expect(equalBytes(near.bytes(), back)).toBe(true)
      expect(['127.0.0.1', '::1']).toContain(ear.sockets[0]!.remote.host)
      dialled[0]!.end()
      ear.sockets[0]!.end()
      await until(() => far.log.length > 0 && near.log.length > 0)
      expect([near.log, far.log]).toEqual([['end'], ['end']])
    },
  )

  it('reaches by uTP who has closed TCP', async () => {
    const ear = listen(utpNetwork({ datagrams: nodeDatagrams(), clock: nodeClock, random: nodeRandom }))
    await until(() => ear.port() > 0)
    const dialled = dial(nodeNetwork({ utp: 'fallback' }), '127.0.0.1', ear.port())
    await until(() => dialled.length > 0)
    dialled[0]!.write([Uint8Array.of(1)])
    await until(() => ear.sockets.length > 0)
    expect(dialled[0]!.remote.port).toBe(ear.port())
  })

  it('tells of a UDP port that is taken, and listens by TCP all the same', async () => {
    const thief = createSocket('udp4')
    thief.bind(0, '0.0.0.0')
    await once(thief, 'listening')
    const thief6 = createSocket({ type: 'udp6', ipv6Only: true })
    const { port } = thief.address()
    if (hasIPv6) {
      thief6.bind(port)
      await once(thief6, 'listening')
    }
    const ear = listen(nodeNetwork({ utp: 'fallback' }), port)
    await until(() => ear.events.length === 2)
    expect(ear.events).toEqual([
      { _tag: 'Listening', port },
      { _tag: 'UtpListenFailed', code: 'EADDRINUSE' },
    ])
    const dialled = dial(nodeNetwork(), '127.0.0.1', port)
    await until(() => dialled.length > 0 && ear.sockets.length > 0)
    thief.close()
    thief6.close()
    expect(ear.sockets).toHaveLength(1)
  })

  it('has one port with a DHT node, whoever comes first', async () => {
    const ear = listen(nodeNetwork({ utp: 'preferred' }))
    await until(() => ear.port() > 0)
    const port = ear.port()
    const node = dht({ addresses: [{ family: 4, port }], bootstrap: [] })
    const other = dht({ addresses: [{ family: 4, port: 0 }], bootstrap: [{ host: '127.0.0.1', port }] })
    const ports: number[] = []
    let known = 0
    running.add(node.port$.subscribe((open) => ports.push(open)))
    running.add(
      other.state$.subscribe(({ homes }) => {
        known = homes[0]?.known ?? 0
      }),
    )
    await until(() => ports.length > 0)
    const dialled = dial(nodeNetwork({ utp: 'preferred' }), '127.0.0.1', port)
    await until(() => dialled.length > 0)
    dialled[0]!.write([Uint8Array.of(1, 2, 3)])
    await until(() => ear.sockets.length > 0)
    const far = readAll(ear.sockets[0]!)
    await until(() => far.bytes().length === 3 && known > 0)
    expect([ports, known]).toEqual([[port], 1])
  })
})
