import { createPrng } from '../../operators/random.js'
import type { Datagrams, SessionDeps } from '../deps.js'
import { createVirtualClock, type VirtualClock } from './clock.js'
import { createVirtualDatagrams, type VirtualDatagrams, type VirtualDatagramsOptions } from './datagrams.js'
import { createVirtualDisk, type VirtualDisk, type VirtualDiskOptions } from './disk.js'
import { createVirtualHasher, type VirtualHasherOptions } from './hasher.js'
import { createVirtualNetwork, type VirtualNetwork } from './network.js'
import type { VirtualLink, VirtualNetworkOptions } from './networkOptions.js'
import { createVirtualRandom } from './random.js'
import { createVirtualTracker, type VirtualTracker, type VirtualTrackerOptions } from './tracker.js'

type WithoutWorld<Options> = Omit<Options, 'clock' | 'seed'>

export interface VirtualWorldOptions {
  /** All that happens follows from it. */
  readonly seed: number
  readonly network?: WithoutWorld<VirtualNetworkOptions>
  readonly tracker?: WithoutWorld<VirtualTrackerOptions>
  /** Latency and jitter are the network's where absent. */
  readonly datagrams?: Omit<WithoutWorld<VirtualDatagramsOptions>, 'isCut'>
}

export interface VirtualHostOptions {
  /** The network's own link where absent. */
  readonly link?: VirtualLink
  readonly disk?: WithoutWorld<VirtualDiskOptions>
  readonly hasher?: WithoutWorld<VirtualHasherOptions>
  /** Whether sessions can tell one run of the system from the next, which `disk.crash` ends (`SessionDeps.bootId`); true unless given. */
  readonly tellsBoots?: boolean
  /** Addresses of the other family, for datagrams: at most one of each. */
  readonly addresses?: ReadonlyArray<string>
}

/** A machine of the world. */
export interface VirtualHost {
  readonly address: string
  /** What a session on it runs on. */
  readonly deps: SessionDeps
  readonly disk: VirtualDisk
  readonly datagrams: Datagrams
}

/** One clock, one network, the trackers, and as many machines as wanted. */
export interface VirtualWorld {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly tracker: VirtualTracker
  readonly datagrams: VirtualDatagrams
  /** The machine of that address; asked again, the same one, as it was made. */
  readonly host: (address: string, options?: VirtualHostOptions) => VirtualHost
}

/**
 * A whole world inside the program, without sockets, files, timers or chance: hours pass in milliseconds, and the same
 * seed and the same program give the same events at the same times.
 *
 * Nothing in it uses a promise or a microtask: time passes when `clock` is told to go on, and only then.
 *
 * @example
 * ```ts
 * const world = createVirtualWorld({ seed: 1, network: { latencyMs: 30, link: { up: 100_000 } } })
 * const seed = world.host('10.0.0.1')
 * const leech = world.host('10.0.0.2', { disk: { latencyMs: 8 } })
 * seed.disk.preload(layout, bytes)
 * // sessions over seed.deps and leech.deps
 * world.clock.advanceBy(60_000)
 * ```
 */
export const createVirtualWorld = (options: VirtualWorldOptions): VirtualWorld => {
  const { seed, network, tracker } = options
  const seeds = createPrng(seed)
  const clock = createVirtualClock()
  const hosts = new Map<string, VirtualHost>()
  const virtualNetwork = createVirtualNetwork({ ...network, clock, seed: seeds.uint32() })
  const virtualTracker = createVirtualTracker({ ...tracker, clock, seed: seeds.uint32() })
  const virtualDatagrams = createVirtualDatagrams({
    ...(network?.latencyMs === undefined ? {} : { latencyMs: network.latencyMs }),
    ...(network?.jitterMs === undefined ? {} : { jitterMs: network.jitterMs }),
    ...options.datagrams,
    clock,
    seed: ~seed,
    isCut: virtualNetwork.isCut,
  })

  const makeHost = (address: string, own: VirtualHostOptions): VirtualHost => {
    const disk = createVirtualDisk({ ...own.disk, clock, seed: seeds.uint32() })
    const { tellsBoots = true } = own
    return {
      address,
      disk,
      datagrams: virtualDatagrams.host([address, ...(own.addresses ?? [])]),
      deps: {
        network: virtualNetwork.host(address, own.link),
        clock,
        openStorage: disk.openStorage,
        hasher: createVirtualHasher({ ...own.hasher, clock }),
        trackers: virtualTracker.client(address),
        random: createVirtualRandom(seeds.uint32()),
        resume: disk.resume.store,
        get bootId() {
          return tellsBoots ? `boot-${String(disk.crashes())}` : undefined
        },
      },
    }
  }

  return {
    clock,
    network: virtualNetwork,
    tracker: virtualTracker,
    datagrams: virtualDatagrams,
    host: (address, own = {}) => {
      const host = hosts.get(address) ?? makeHost(address, own)
      hosts.set(address, host)
      return host
    },
  }
}
