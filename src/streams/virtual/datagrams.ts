import { Observable, Subject } from 'rxjs'
import * as E from '#fp/Either'
import type { Either } from '#fp/Either'
import { createPrng } from '../../operators/random.js'
import type {
  BindOptions,
  Clock,
  Datagram,
  Datagrams,
  DatagramSocket,
  PeerAddress,
  SocketError,
} from '../deps.js'

export interface VirtualDatagramsOptions {
  readonly clock: Clock
  readonly seed: number
  /** One way, between two hosts; 20 by default. */
  readonly latencyMs?: number | ((from: string, to: string) => number)
  /** Up to so much more, anew for each datagram: they overtake each other. 0 by default. */
  readonly jitterMs?: number
  /** Chance that a datagram is lost on its way; 0 by default. */
  readonly lossChance?: number
  /** Whether nothing passes between the two at present. */
  readonly isCut?: (a: string, b: string) => boolean
}

/** One datagram, as it was sent; whether it arrives is another matter. */
export interface SentDatagram {
  readonly from: PeerAddress
  readonly to: PeerAddress
  readonly bytes: Uint8Array
}

/** UDP between simulated hosts. */
export interface VirtualDatagrams {
  /**
   * UDP as the host sees it that has these addresses: one of each family at most. Ports of a family that it has no
   * address of are opened, and nothing passes through them.
   */
  readonly host: (addresses: ReadonlyArray<string>) => Datagrams
  /** All that is sent by anybody. Hot. */
  readonly sent$: Observable<SentDatagram>
  /** Ports that are open, at one address or at all. */
  readonly openPorts: (address?: string) => number
}

interface Port {
  readonly local: PeerAddress
  readonly group: string | undefined
  readonly received$: Subject<Datagram>
}

const FIRST_FREE_PORT = 49_152
/** What an IPv4 packet has room for. */
const MAX_DATAGRAM_BYTES = 65_507
const ANY_ADDRESS: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

const familyOf = (address: string): 4 | 6 => (address.includes(':') ? 6 : 4)

/**
 * UDP inside the program: latency, jitter, loss and partitions, all from the seed and the order of the calls. A host
 * answers to its IP addresses; a datagram to a port that is not open, or to nobody, is lost. One to a multicast group
 * comes to every port of that number that listens to the group, wherever it is.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock()
 * const datagrams = createVirtualDatagrams({ clock, seed: 1, latencyMs: 30, lossChance: 0.05 })
 * const alice = datagrams.host(['10.0.0.1'])
 * alice.bind({ port: 6881, family: 4 }).subscribe(...)
 * ```
 */
export const createVirtualDatagrams = (options: VirtualDatagramsOptions): VirtualDatagrams => {
  const { clock, latencyMs = 20, jitterMs = 0, lossChance = 0, isCut = () => false } = options
  const prng = createPrng(options.seed)
  const hosts = new Map<string, Set<Port>>()
  /** Multicast groups that somebody has ever listened to. */
  const groups = new Set<string>()
  const sent$ = new Subject<SentDatagram>()

  const delayMs = (from: string, to: string): number =>
    (typeof latencyMs === 'number' ? latencyMs : latencyMs(from, to)) +
    (jitterMs > 0 ? prng.next() * jitterMs : 0)

  const portsOf = (address: string): Set<Port> => {
    const ports = hosts.get(address) ?? new Set()
    hosts.set(address, ports)
    return ports
  }

  /** Who hears what is sent to that address: of ports that are shared, the last one that was opened. */
  const receivers = ({ host, port }: PeerAddress): ReadonlyArray<Port> => {
    const own = [...(hosts.get(host) ?? [])].filter(({ local }) => local.port === port).slice(-1)
    if (own.length > 0 || !groups.has(host)) return own
    return [...hosts.values()].flatMap((ports) =>
      [...ports].filter(({ local, group }) => group === host && local.port === port),
    )
  }

  const deliver = (datagram: SentDatagram, port: Port): void => {
    const { from, bytes } = datagram
    if (lossChance > 0 && prng.next() < lossChance) return
    clock.schedule(
      () => {
        const isOpen = hosts.get(port.local.host)?.has(port) === true
        if (isOpen && !isCut(from.host, port.local.host)) port.received$.next({ from, bytes: bytes.slice() })
      },
      delayMs(from.host, port.local.host),
    )
  }

  const socketOf = (port: Port): DatagramSocket => ({
    local: port.local,
    datagram$: port.received$.asObservable(),
    send: (bytes, to) => {
      const { local } = port
      const isSendable = bytes.length <= MAX_DATAGRAM_BYTES && familyOf(to.host) === familyOf(local.host)
      if (!isSendable || hosts.get(local.host)?.has(port) !== true || ANY_ADDRESS.has(local.host)) return
      const datagram = { from: local, to, bytes: bytes.slice() }
      sent$.next(datagram)
      for (const receiver of receivers(to)) deliver(datagram, receiver)
    },
  })

  const freePort = (ports: ReadonlySet<Port>, port = FIRST_FREE_PORT): number =>
    [...ports].some(({ local }) => local.port === port) ? freePort(ports, port + 1) : port

  const problemOf = (wanted: BindOptions, address: string): string | undefined => {
    if (wanted.host !== undefined && wanted.host !== address && !ANY_ADDRESS.has(wanted.host)) {
      return 'EADDRNOTAVAIL'
    }
    const isTaken = [...portsOf(address)].some(
      ({ local, group }) =>
        local.port === wanted.port && (group === undefined || wanted.multicast === undefined),
    )
    return isTaken ? 'EADDRINUSE' : undefined
  }

  const bind = (
    addresses: ReadonlyArray<string>,
    wanted: BindOptions,
  ): Observable<Either<SocketError, DatagramSocket>> =>
    new Observable((subscriber) => {
      const address =
        addresses.find((each) => familyOf(each) === wanted.family) ?? (wanted.family === 4 ? '0.0.0.0' : '::')
      const problem = problemOf(wanted, address)
      if (problem !== undefined) {
        return clock.schedule(() => {
          subscriber.next(E.left({ _tag: 'SocketError', code: problem }))
          subscriber.complete()
        })
      }
      const ports = portsOf(address)
      const port: Port = {
        local: { host: address, port: wanted.port === 0 ? freePort(ports) : wanted.port },
        group: wanted.multicast?.group,
        received$: new Subject(),
      }
      ports.add(port)
      if (port.group !== undefined) groups.add(port.group)
      subscriber.add(() => {
        ports.delete(port)
        port.received$.complete()
      })
      return clock.schedule(() => {
        subscriber.next(E.right(socketOf(port)))
      })
    })

  return {
    host: (addresses) => ({ bind: (wanted) => bind(addresses, wanted) }),
    sent$: sent$.asObservable(),
    openPorts: (address) => {
      let sum = 0
      for (const [host, ports] of hosts) if (address === undefined || host === address) sum += ports.size
      return sum
    },
  }
}
