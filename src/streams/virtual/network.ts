import { Observable, type Subscriber, Subscription } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { createPrng } from '../../operators/random.js'
import type { ListenEvent, ListenOptions, Network, PeerAddress, PeerSocket, SocketError } from '../deps.js'
import type { VirtualLink, VirtualNetworkOptions } from './networkOptions.js'
import { createPacer, type Pacer } from './pacer.js'
import type { Endpoint, Route } from './endpoint.js'
import { createSocket } from './socket.js'
import { createUplink, type Uplink } from './uplink.js'

/** A network of simulated hosts. */
export interface VirtualNetwork {
  /** The network as the host of that address sees it. Asked again, the host stays as it was made. */
  readonly host: (address: string, link?: VirtualLink) => Network
  /** Nothing passes between the two any more, in either direction; what is under way waits. Without `b`: `a` and all others. */
  readonly partition: (a: string, b?: string) => void
  /** Undoes the `partition` of the same arguments: what waited goes on. */
  readonly heal: (a: string, b?: string) => void
  /** Whether a partition lies between the two. */
  readonly isCut: (a: string, b: string) => boolean
  /** Breaks every connection of the host: `ECONNRESET` on both ends. It listens on. */
  readonly reset: (address: string) => void
  /** Sockets that have not closed, of one host or of all. */
  readonly openSockets: (address?: string) => number
  /** Ports that are listened on, of one host or of all. */
  readonly openPorts: (address?: string) => number
}

interface Host {
  readonly address: string
  readonly uplink: Uplink
  readonly downlink: Pacer
  readonly listeners: Map<number, Subscriber<Either<SocketError, ListenEvent>>>
  readonly sockets: Set<Endpoint>
  nextPort: number
}

const FIRST_FREE_PORT = 49_152
const LAST_PORT = 65_535
const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

const fault = (code: string): Either<SocketError, never> => E.left({ _tag: 'SocketError', code })

/**
 * A network inside the program: latency, bandwidth, back-pressure, partitions. All of it follows from the seed and from
 * the order of the calls; the same program gives the same bytes at the same times.
 *
 * A host exists from the first `host(address)` on: dialling it where it does not listen is `ECONNREFUSED`, dialling an
 * address that no host has is `ETIMEDOUT`. A chunk is filled with 0xAA once its emission has returned, so that code which
 * keeps a borrowed view is found out.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock()
 * const network = createVirtualNetwork({ clock, seed: 1, latencyMs: 30, link: { up: 100_000, down: 1_000_000 } })
 * const alice = network.host('10.0.0.1')
 * const bob = network.host('10.0.0.2')
 * ```
 */
export const createVirtualNetwork = (options: VirtualNetworkOptions): VirtualNetwork => {
  const { clock, latencyMs = 20, jitterMs = 0, chunkSize = 65_536, lossChance = 0 } = options
  const { minChunkSize = chunkSize, windowSize = 262_144, highWaterMark = 65_536 } = options
  const { connectTimeoutMs = 10_000, retransmitTimeoutMs = 120_000 } = options
  const prng = createPrng(options.seed)
  const hosts = new Map<string, Host>()
  const cuts = new Set<string>()
  const endpoints = new Set<Endpoint>()

  const cutName = (a: string, b?: string): string => (b === undefined ? a : [a, b].sort().join(' '))
  const isCut = (a: string, b: string): boolean =>
    cuts.size > 0 && (cuts.has(cutName(a, b)) || (a !== b && (cuts.has(a) || cuts.has(b))))

  const delayMs = (from: string, to: string): number =>
    (typeof latencyMs === 'number' ? latencyMs : latencyMs(from, to)) +
    (jitterMs > 0 ? prng.next() * jitterMs : 0)

  const route = (from: Host, to: Host): Route => ({
    clock,
    uplink: from.uplink,
    downlink: from.downlink,
    latencyMs: () => delayMs(from.address, to.address),
    isCut: () => isCut(from.address, to.address),
    chunkLength: (limit) =>
      minChunkSize < limit ? minChunkSize + prng.int(limit - minChunkSize + 1) : limit,
    isLost: () => lossChance > 0 && prng.next() < lossChance,
    windowSize,
    highWaterMark,
    retransmitTimeoutMs,
  })

  /** Held until both ends have closed: the closing words of one end may still be under way. */
  const join = (a: Endpoint, aHost: Host, b: Endpoint, bHost: Host): void => {
    for (const [end, host, other] of [[a, aHost, b] as const, [b, bHost, a] as const]) {
      end.attach(other)
      endpoints.add(end)
      host.sockets.add(end)
      end.lifetime.add(() => {
        host.sockets.delete(end)
        if (!other.lifetime.closed) return
        endpoints.delete(a)
        endpoints.delete(b)
      })
    }
  }

  const freePort = (host: Host): number => {
    const port = host.nextPort
    host.nextPort = port === LAST_PORT ? FIRST_FREE_PORT : port + 1
    return host.listeners.has(port) ? freePort(host) : port
  }

  const connect = (host: Host, address: PeerAddress): Observable<Either<SocketError, PeerSocket>> =>
    new Observable((subscriber) => {
      const attempt = new Subscription()
      subscriber.add(attempt)
      const answer = (value: Either<SocketError, never>): void => {
        subscriber.next(value)
        subscriber.complete()
      }
      const callTimer = clock.schedule(() => {
        answer(fault('ETIMEDOUT'))
      }, connectTimeoutMs)
      attempt.add(callTimer)

      const establish = (target: Host, listener: Subscriber<Either<SocketError, ListenEvent>>): void => {
        let isEstablished = false
        const near = createSocket(route(host, target), address, () => {
          isEstablished = true
          callTimer.unsubscribe()
          subscriber.next(E.right(near.socket))
        })
        const far = createSocket(route(target, host), { host: host.address, port: freePort(host) })
        join(near, host, far, target)
        near.lifetime.add(() => {
          if (isEstablished) subscriber.complete()
          else answer(fault(near.failure() ?? 'ECONNRESET'))
        })
        subscriber.add(near.socket.destroy)
        far.send({ _tag: 'Accept' })
        listener.next(E.right({ _tag: 'Accepted', socket: far.socket }))
      }
      const knock = (): void => {
        const target = hosts.get(address.host)
        if (target === undefined || isCut(host.address, target.address)) return
        const listener = target.listeners.get(address.port)
        if (listener !== undefined) {
          establish(target, listener)
          return
        }
        attempt.add(
          clock.schedule(
            () => {
              answer(fault('ECONNREFUSED'))
            },
            delayMs(target.address, host.address),
          ),
        )
      }
      attempt.add(clock.schedule(knock, delayMs(host.address, address.host)))
    })

  const listen = (host: Host, wanted: ListenOptions): Observable<Either<SocketError, ListenEvent>> =>
    new Observable((subscriber) => {
      const refuse = (code: string): void => {
        subscriber.next(fault(code))
        subscriber.complete()
      }
      if (wanted.host !== undefined && wanted.host !== host.address && !ANY_ADDRESS.has(wanted.host)) {
        return clock.schedule(() => {
          refuse('EADDRNOTAVAIL')
        })
      }
      if (host.listeners.has(wanted.port)) {
        return clock.schedule(() => {
          refuse('EADDRINUSE')
        })
      }
      const port = wanted.port === 0 ? freePort(host) : wanted.port
      host.listeners.set(port, subscriber)
      subscriber.add(() => {
        host.listeners.delete(port)
      })
      return clock.schedule(() => {
        subscriber.next(E.right({ _tag: 'Listening', port }))
      })
    })

  const makeHost = (address: string, { up = Infinity, down = Infinity }: VirtualLink): Host => ({
    address,
    uplink: createUplink(clock, up, chunkSize),
    downlink: createPacer(clock, down),
    listeners: new Map(),
    sockets: new Set(),
    nextPort: FIRST_FREE_PORT,
  })

  const count = (address: string | undefined, of: (host: Host) => number): number => {
    let sum = 0
    for (const host of hosts.values()) {
      if (address === undefined || host.address === address) sum += of(host)
    }
    return sum
  }

  return {
    host: (address, link) => {
      const host = hosts.get(address) ?? makeHost(address, link ?? options.link ?? {})
      hosts.set(address, host)
      return {
        connect: (remote) => connect(host, remote),
        listen: (wanted) => listen(host, wanted),
      }
    },
    partition: (a, b) => {
      cuts.add(cutName(a, b))
    },
    heal: (a, b) => {
      cuts.delete(cutName(a, b))
      for (const endpoint of endpoints) endpoint.retry()
    },
    isCut,
    reset: (address) => {
      const broken = [...(hosts.get(address)?.sockets ?? [])]
      for (const endpoint of broken) endpoint.reset()
    },
    openSockets: (address) => count(address, (host) => host.sockets.size),
    openPorts: (address) => count(address, (host) => host.listeners.size),
  }
}
