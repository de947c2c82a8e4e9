import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import { Subscription, firstValueFrom, map } from 'rxjs'
import type { Observable } from 'rxjs'
import { afterEach, describe, expect, it } from 'vitest'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import type { ListenEvent, ListenOptions, PeerSocket, SocketError } from '../../../src/streams/deps.js'
import { nodeNetwork } from '../../../src/streams/node/network.js'
import { payload } from '../../support/storageLayout.js'
import { until } from '../../support/until.js'

const network = nodeNetwork()
const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ family }) => family === 'IPv6'))

const DEAF_SERVER = `
  const server = require('node:net').createServer()
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    require('node:fs').writeSync(1, String(server.address().port))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000)
  })
`

let running = new Subscription()
let raw: Array<{ readonly destroy: () => unknown }> = []
let servers: Server[] = []
afterEach(async () => {
  running.unsubscribe()
  running = new Subscription()
  for (const socket of raw) socket.destroy()
  raw = []
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  servers = []
})

interface Log<A> {
  readonly seen: A[]
  isComplete: boolean
  readonly subscription: Subscription
}

/** Subscribes until the end of the test. */
const listenTo = <A>(
  source$: Observable<Either<SocketError, A>>,
  see: (value: A) => A = (value) => value,
): Log<A> & { readonly codes: string[] } => {
  const subscription = new Subscription()
  const log = { seen: [] as A[], codes: [] as string[], isComplete: false, subscription }
  subscription.add(
    source$.subscribe({
      next: (answer) => {
        if (E.isLeft(answer)) log.codes.push(answer.left.code)
        else log.seen.push(see(answer.right))
      },
      error: (error: unknown) => {
        throw error
      },
      complete: () => {
        log.isComplete = true
      },
    }),
  )
  running.add(subscription)
  return log
}

/** Chunks die with their emission: copied. */
const readAll = (socket: PeerSocket): Log<Uint8Array> & { readonly codes: string[] } =>
  listenTo(socket.chunk$, (chunk) => chunk.slice())

const bytesOf = (log: Log<Uint8Array>): Uint8Array => new Uint8Array(Buffer.concat(log.seen))
const lengthOf = (log: Log<Uint8Array>): number => log.seen.reduce((sum, { length }) => sum + length, 0)

const dial = async (
  port: number,
  host = '127.0.0.1',
): Promise<{ readonly socket: PeerSocket; readonly log: Log<PeerSocket> }> => {
  const log = listenTo(network.connect({ host, port }))
  await until(() => log.seen.length + log.codes.length > 0)
  const socket = log.seen[0]
  if (socket === undefined) throw new Error(log.codes[0])
  return { socket, log }
}

/** A plain server whose sockets the test drives itself. */
const serve = async (onSocket: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> => {
  const server = createServer((socket) => {
    raw.push(socket)
    socket.on('error', () => undefined)
    onSocket(socket)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

const listen = async (
  options: ListenOptions,
): Promise<{ readonly port: number; readonly accepted: PeerSocket[]; readonly log: Log<ListenEvent> }> => {
  const accepted: PeerSocket[] = []
  const log = listenTo(network.listen(options), (event) => {
    if (event._tag === 'Accepted') {
      accepted.push(event.socket)
      raw.push(event.socket)
    }
    return event
  })
  await until(() => log.seen.length + log.codes.length > 0)
  const [first] = log.seen
  if (first?._tag !== 'Listening') throw new Error(log.codes[0])
  return { port: first.port, accepted, log }
}

/** A dialled and an accepted socket at the two ends of one connection. */
const pair = async (): Promise<{
  readonly dialled: PeerSocket
  readonly accepted: PeerSocket
  readonly log: Log<PeerSocket>
}> => {
  const listener = await listen({ port: 0, host: '127.0.0.1' })
  const { socket, log } = await dial(listener.port)
  await until(() => listener.accepted.length === 1)
  return { dialled: socket, accepted: listener.accepted[0]!, log }
}

/** Writes it all, a piece at a time, waiting where asked to. */
const pour = async (socket: PeerSocket, bytes: Uint8Array): Promise<number> => {
  let waits = 0
  for (let at = 0; at < bytes.length; at += 64 * 1024) {
    if (!socket.write([bytes.slice(at, at + 64 * 1024)])) {
      waits += 1
      await firstValueFrom(socket.drain$)
    }
  }
  return waits
}

describe('connect', () => {
  it('fails with the code of the system', async () => {
    const { port, log } = await listen({ port: 0, host: '127.0.0.1' })
    log.subscription.unsubscribe()
    const refused = listenTo(network.connect({ host: '127.0.0.1', port }))
    await until(() => refused.isComplete)
    expect(refused.codes).toEqual(['ECONNREFUSED'])
    expect(refused.seen).toEqual([])
  })

  it.each([
    [{ host: '127.0.0.1', port: 70_000 }],
    [{ host: '127.0.0.1', port: -1 }],
    [{ host: '127.0.0.1', port: Number.NaN }],
    [{ host: 'no such\0host', port: 1 }],
  ])('answers a Left for the nonsense address %j', async (address) => {
    const log = listenTo(network.connect(address))
    await until(() => log.isComplete)
    expect(log.codes).toHaveLength(1)
    expect(log.seen).toEqual([])
  })

  it('gives up after the timeout', async () => {
    // Listens but never accepts: once its backlog is full, the system leaves connects hanging.
    const deaf = spawn(process.execPath, ['-e', DEAF_SERVER], { stdio: ['ignore', 'pipe', 'inherit'] })
    raw.push({ destroy: () => deaf.kill('SIGKILL') })
    const [text] = (await once(deaf.stdout, 'data')) as [Buffer]
    const address = { host: '127.0.0.1', port: Number(text.toString()) }
    const impatient = nodeNetwork({ connectTimeout: 200 })
    const logs = [...Array(8).keys()].map(() => listenTo(impatient.connect(address)))
    await until(() => logs.some(({ isComplete }) => isComplete))
    expect(logs.flatMap(({ codes }) => codes)).toContain('ETIMEDOUT')
  })

  it('is cold, and destroys the socket when unsubscribed', async () => {
    let accepted = 0
    let closed = 0
    const port = await serve((socket) => {
      accepted += 1
      socket.on('close', () => {
        closed += 1
      })
      socket.resume()
    })
    const connect$ = network.connect({ host: '127.0.0.1', port })
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(accepted).toBe(0)
    const log = listenTo(connect$)
    await until(() => log.seen.length === 1)
    await until(() => accepted === 1)
    log.subscription.unsubscribe()
    await until(() => closed === 1)
  })

  it('leaves nothing when unsubscribed before it has connected', async () => {
    const port = await serve((socket) => socket.resume())
    for (let at = 0; at < 20; at += 1)
      network
        .connect({ host: '127.0.0.1', port })
        .subscribe({ error: () => undefined })
        .unsubscribe()
    const log = listenTo(network.connect({ host: '127.0.0.1', port }))
    await until(() => log.seen.length === 1)
  })

  it('completes when the socket has closed', async () => {
    const port = await serve((socket) => socket.end('bye'))
    const { socket, log } = await dial(port)
    expect(log.isComplete).toBe(false)
    const chunks = readAll(socket)
    await until(() => log.isComplete)
    expect(Buffer.from(bytesOf(chunks)).toString()).toBe('bye')
    expect(chunks.isComplete).toBe(true)
    expect(chunks.codes).toEqual([])
  })

  it('binds the local address that it is given', async () => {
    let from: string | undefined
    const port = await serve((socket) => {
      from = socket.remoteAddress
    })
    const log = listenTo(nodeNetwork({ localAddress: '127.0.0.7' }).connect({ host: '127.0.0.1', port }))
    await until(() => log.seen.length === 1 && from !== undefined)
    expect(from).toBe('127.0.0.7')
  })
})

describe('chunk$', () => {
  it('reads nothing before it has a subscriber, in either direction', async () => {
    const { dialled, accepted } = await pair()
    dialled.write([payload(1000, 1)])
    accepted.write([payload(1000, 2)])
    await new Promise((resolve) => setTimeout(resolve, 30))
    const there = readAll(accepted)
    const here = readAll(dialled)
    await until(() => lengthOf(there) === 1000 && lengthOf(here) === 1000)
    expect(bytesOf(there)).toEqual(payload(1000, 1))
    expect(bytesOf(here)).toEqual(payload(1000, 2))
  })

  it('carries megabytes both ways at once, through sockets that share a read buffer', async () => {
    const pairs = await Promise.all([pair(), pair(), pair()])
    const runs = pairs.map(({ dialled, accepted }, index) => {
      const up = payload(3_000_001, index + 1)
      const down = payload(3_000_001, index + 10)
      return {
        up,
        down,
        there: readAll(accepted),
        here: readAll(dialled),
        poured: Promise.all([pour(dialled, up), pour(accepted, down)]),
      }
    })
    for (const { up, down, there, here, poured } of runs) {
      await poured
      await until(() => lengthOf(there) === up.length && lengthOf(here) === down.length)
      expect(Buffer.compare(bytesOf(there), up)).toBe(0)
      expect(Buffer.compare(bytesOf(here), down)).toBe(0)
    }
  })

  it.each(['dialled', 'accepted'] as const)(
    'a paused %s socket takes no more, and goes on when resumed',
    async (side) => {
      const ends = await pair()
      const reader = ends[side]
      const writer = side === 'dialled' ? ends.accepted : ends.dialled
      const log = readAll(reader)
      writer.write([payload(100)])
      await until(() => lengthOf(log) === 100)
      reader.pause()
      let isStuck = false
      const bytes = payload(64 * 1024)
      for (let at = 0; at < 1000 && !isStuck; at += 1) isStuck = !writer.write([bytes.slice()])
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(isStuck).toBe(true)
      expect(lengthOf(log)).toBe(100)
      reader.resume()
      await firstValueFrom(writer.drain$)
      await until(() => (lengthOf(log) - 100) % bytes.length === 0 && lengthOf(log) > 100)
    },
  )

  it.each(['dialled', 'accepted'] as const)(
    'of what waits in two %s sockets it takes a part at a time, for the loop to have its turn',
    async (side) => {
      const KiB = 1024
      const readers = await Promise.all(
        [1, 2].map(async () => {
          const ends = await pair()
          // As much as the system takes for who does not read yet: megabytes.
          ;(side === 'dialled' ? ends.accepted : ends.dialled).write([payload(8192 * KiB)])
          return ends[side]
        }),
      )
      await new Promise((resolve) => setTimeout(resolve, 100))
      let turn = 0
      let isOver = false
      const count = (): void => {
        turn += 1
        if (!isOver) setImmediate(count)
      }
      setImmediate(count)
      const counts = readers.map((reader) => {
        const taken: number[] = []
        const log = listenTo(reader.chunk$.pipe(map(E.map(({ length }) => length))), (length) => {
          taken[turn] = (taken[turn] ?? 0) + length
          // Which does not undo what the loop is owed.
          process.nextTick(reader.resume)
          return length
        })
        return { taken, log }
      })
      await until(() =>
        counts.every(({ log }) => log.seen.reduce((sum, length) => sum + length, 0) === 8192 * KiB),
      )
      isOver = true
      const inTurn = Array.from({ length: turn + 1 }, (_, at) => counts.map(({ taken }) => taken[at] ?? 0))
      const turns = inTurn.filter(([one = 0, other = 0]) => one + other > 0)
      // Where the system lets one of them wait, the other may take what it may alone.
      const shared = turns.filter((_, at) => turns[at - 1]?.every((length) => length >= 64 * KiB))
      expect(shared.length).toBeGreaterThan(4)
      // The read that passes a share is taken whole.
      expect(Math.max(...shared.flat())).toBeLessThanOrEqual((1024 + 256) * KiB)
    },
  )

  it('a pause before the first subscription holds', async () => {
    const { dialled, accepted } = await pair()
    dialled.pause()
    const log = readAll(dialled)
    accepted.write([payload(10)])
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(lengthOf(log)).toBe(0)
    dialled.resume()
    await until(() => lengthOf(log) === 10)
  })

  it('can be paused from within an emission', async () => {
    const { dialled, accepted } = await pair()
    let seen = 0
    listenTo(dialled.chunk$, (chunk) => {
      seen += chunk.length
      dialled.pause()
      return chunk
    })
    accepted.write([payload(10)])
    await until(() => seen === 10)
    accepted.write([payload(10)])
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(seen).toBe(10)
    dialled.resume()
    await until(() => seen === 20)
  })

  it.each(['dialled', 'accepted'] as const)(
    'a reset is one Left on the %s side, then the end',
    async (side) => {
      const listener = await listen({ port: 0, host: '127.0.0.1' })
      let peer: Socket
      let reader: PeerSocket
      if (side === 'accepted') {
        peer = connect(listener.port, '127.0.0.1')
        raw.push(peer)
        await until(() => listener.accepted.length === 1)
        reader = listener.accepted[0]!
      } else {
        let there: Socket | undefined
        const port = await serve((socket) => {
          there = socket
        })
        reader = (await dial(port)).socket
        await until(() => there !== undefined)
        peer = there!
      }
      peer.on('error', () => undefined)
      const log = readAll(reader)
      peer.resetAndDestroy()
      await until(() => log.isComplete)
      expect(log.codes).toEqual(['ECONNRESET'])
      expect(reader.write([payload(1)])).toBe(false)
      const late = readAll(reader)
      await until(() => late.isComplete)
      expect(late.codes).toEqual(['ECONNRESET'])
    },
  )

  it('ends at once on a socket that has been destroyed', async () => {
    const { dialled, log } = await pair()
    dialled.destroy()
    dialled.destroy()
    dialled.end()
    await until(() => log.isComplete)
    const chunks = readAll(dialled)
    expect(chunks.isComplete).toBe(true)
    expect(chunks.codes).toEqual([])
    expect(dialled.write([payload(1)])).toBe(false)
  })
})

describe('reading', () => {
  it.each(['dialled', 'accepted'] as const)(
    'goes on for the next reader where the last one left: %s',
    async (side) => {
      const ends = await pair()
      const [reader, writer] =
        side === 'dialled' ? [ends.dialled, ends.accepted] : [ends.accepted, ends.dialled]
      const first = readAll(reader)
      writer.write([Uint8Array.of(1)])
      await until(() => lengthOf(first) === 1)
      first.subscription.unsubscribe()
      const second = readAll(reader)
      writer.write([Uint8Array.of(2, 3)])
      await until(() => lengthOf(second) >= 2)
      // In the midst of a chunk, as when a negotiation is over.
      let third: ReturnType<typeof readAll> | undefined
      second.subscription.unsubscribe()
      const middle = reader.chunk$.subscribe({
        next: () => {
          middle.unsubscribe()
          third = readAll(reader)
        },
        error: () => expect.fail(),
      })
      writer.write([Uint8Array.of(4)])
      await until(() => third !== undefined)
      writer.write([Uint8Array.of(5)])
      await until(() => third !== undefined && lengthOf(third) >= 1)
      expect([first, second, third!].map((log) => [...bytesOf(log)])).toEqual([[1], [2, 3], [5]])
    },
  )
})

describe('write', () => {
  it('sends buffers in order and says when to wait', async () => {
    const { dialled, accepted } = await pair()
    const log = readAll(accepted)
    expect(dialled.write([])).toBe(true)
    expect(dialled.write([Uint8Array.of(1), Uint8Array.of(2, 3), Uint8Array.of(4)])).toBe(true)
    await until(() => lengthOf(log) === 4)
    expect([...bytesOf(log)]).toEqual([1, 2, 3, 4])
    accepted.pause()
    let isFull = false
    while (!isFull) isFull = !dialled.write([payload(128 * 1024)])
    let drains = 0
    running.add(
      dialled.drain$.subscribe({
        next: () => {
          drains += 1
        },
        error: () => undefined,
      }),
    )
    accepted.resume()
    await until(() => drains === 1)
    expect(dialled.write([Uint8Array.of(5)])).toBe(true)
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(drains).toBe(1)
  })

  it('end sends what is queued, then closes both sides', async () => {
    const { dialled, accepted, log } = await pair()
    const bytes = payload(2_000_000)
    const chunks = readAll(accepted)
    dialled.write([bytes])
    dialled.end()
    dialled.end()
    await until(() => chunks.isComplete && log.isComplete)
    expect(Buffer.compare(bytesOf(chunks), bytes)).toBe(0)
  })

  it('drain$ completes with the socket', async () => {
    const { dialled } = await pair()
    let isComplete = false
    running.add(
      dialled.drain$.subscribe({
        error: () => undefined,
        complete: () => {
          isComplete = true
        },
      }),
    )
    dialled.destroy()
    await until(() => isComplete)
  })
})

describe('listen', () => {
  it('says which port it got; the second on it is EADDRINUSE', async () => {
    const { port } = await listen({ port: 0, host: '127.0.0.1' })
    expect(port).toBeGreaterThan(0)
    const second = listenTo(network.listen({ port, host: '127.0.0.1' }))
    await until(() => second.isComplete)
    expect(second.codes).toEqual(['EADDRINUSE'])
  })

  it.each([[{ port: 70_000 }], [{ port: 0, host: '203.0.113.7' }]])(
    'answers a Left for %j',
    async (options) => {
      const log = listenTo(network.listen(options))
      await until(() => log.isComplete)
      expect(log.codes).toHaveLength(1)
    },
  )

  it('unsubscribing frees the port and keeps the accepted sockets', async () => {
    const { port, accepted, log } = await listen({ port: 0, host: '127.0.0.1' })
    const { socket } = await dial(port)
    await until(() => accepted.length === 1)
    log.subscription.unsubscribe()
    await listen({ port, host: '127.0.0.1' })
    const chunks = readAll(accepted[0]!)
    socket.write([payload(10)])
    await until(() => lengthOf(chunks) === 10)
  })

  it('leaves nothing when unsubscribed at once', async () => {
    const { port, log } = await listen({ port: 0 })
    log.subscription.unsubscribe()
    network
      .listen({ port, host: 'localhost' })
      .subscribe({ error: () => undefined })
      .unsubscribe()
    network
      .listen({ port })
      .subscribe({ error: () => undefined })
      .unsubscribe()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const refused = listenTo(network.connect({ host: '127.0.0.1', port }))
    await until(() => refused.isComplete)
    expect(refused.codes).toEqual(['ECONNREFUSED'])
  })

  it('hears IPv4 on a port without a host, and shows the peer as IPv4', async () => {
    const { port, accepted } = await listen({ port: 0 })
    const { socket } = await dial(port, '127.0.0.1')
    await until(() => accepted.length === 1)
    expect(accepted[0]!.remote.host).toBe('127.0.0.1')
    expect(socket.remote).toEqual({ host: '127.0.0.1', port })
  })

  it.skipIf(!hasIPv6)('hears IPv6 on the same port', async () => {
    const { port, accepted } = await listen({ port: 0 })
    const { socket } = await dial(port, '::1')
    await until(() => accepted.length === 1)
    expect(accepted[0]!.remote.host).toBe('::1')
    expect(socket.remote.host).toBe('::1')
  })
})
