import type { Observable } from 'rxjs'
import type { Either } from '#fp/Either'
import { MAX_UDP_ENDPOINTS } from '../../codecs/limits.js'
import type { ConnectionId } from '../../codecs/udpTracker/udpRequest.js'
import type { DatagramSocket, PeerAddress, TrackerError } from '../deps.js'

/** What is remembered of the place of a UDP tracker. Mutable, private to the driver. */
export interface Endpoint {
  readonly address: PeerAddress
  readonly family: 4 | 6
  connection: Connection | undefined
  /** The connect under way, which all wait for who come meanwhile. */
  connecting: { readonly answer$: Observable<Either<TrackerError, Connection>> } | undefined
  /** Packets without an answer since the last one that had one: the `n` of BEP 15, at most 8. */
  silence: number
  /** When it was first asked something after its last answer. */
  askedAt: number | undefined
}

export interface Connection {
  readonly id: ConnectionId
  /** Milliseconds of the clock. */
  readonly expiresAt: number
  /** That it was given to: a tracker may hold it against the port. */
  readonly socket: DatagramSocket
}

/** Finds the endpoint of an address. Of too many, the one that was not used for the longest time is forgotten. */
export const createEndpoints = (): ((host: string, port: number) => Endpoint) => {
  const known = new Map<string, Endpoint>()
  return (host, port) => {
    const key = `${host} ${String(port)}`
    const endpoint = known.get(key) ?? {
      address: { host, port },
      family: host.includes(':') ? 6 : 4,
      connection: undefined,
      connecting: undefined,
      silence: 0,
      askedAt: undefined,
    }
    known.delete(key)
    known.set(key, endpoint)
    for (const oldest of known.keys()) {
      if (known.size <= MAX_UDP_ENDPOINTS) break
      known.delete(oldest)
    }
    return endpoint
  }
}
