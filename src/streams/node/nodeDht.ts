import { createDht, type Dht } from '../dht/dht.js'
import type { DhtDeps } from '../dht/dhtDeps.js'
import type { DhtOptions } from '../dht/dhtOptions.js'
import type { PeerAddress } from '../deps.js'
import { nodeClock } from './clock.js'
import { nodeDhtStore } from './dhtStore.js'
import { lookUpHost } from './lookUpHost.js'
import { nodeRandom } from './random.js'
import { sharedUdp } from './sharedUdp.js'

export interface NodeDhtOptions extends DhtOptions {
  /**
   * The UDP port, of both families; any free one where absent. It may be the one that a session or client of this process
   * listens on. `addresses` says more.
   */
  readonly port?: number
  /** Where the routing table is kept (`.rxtorrent/dht.resume`); nowhere where absent. */
  readonly directory?: string
  /** Parts of the world to replace. */
  readonly deps?: Partial<DhtDeps>
}

/** Nodes that are always there, to begin with. */
export const DHT_BOOTSTRAP: ReadonlyArray<PeerAddress> = [
  { host: 'router.bittorrent.com', port: 6881 },
  { host: 'dht.transmissionbt.com', port: 6881 },
  { host: 'dht.libtorrent.org', port: 25_401 },
]

/**
 * A node of the DHT on this machine: `createDht` over UDP sockets. See `Dht` for what it promises; nothing is sent before
 * one of its streams is subscribed. It begins at the well-known `DHT_BOOTSTRAP` unless told otherwise.
 *
 * @example
 * ```ts
 * const node = dht({ port: 6881, directory: 'downloads' })
 * node.lookup(infohash).subscribe(({ host, port }) => console.log(host, port))
 * ```
 */
export const dht = ({ port = 0, directory, deps, ...options }: NodeDhtOptions = {}): Dht =>
  createDht(
    {
      datagrams: sharedUdp.krpc,
      clock: nodeClock,
      random: nodeRandom,
      lookUp: lookUpHost,
      ...(directory === undefined ? {} : { store: nodeDhtStore({ directory }) }),
      ...deps,
    },
    {
      bootstrap: DHT_BOOTSTRAP,
      addresses: [
        { family: 4, port },
        { family: 6, port },
      ],
      ...options,
    },
  )
