import { createPrng } from '../../operators/random.js'
import type { SessionDeps } from '../deps.js'
import { createVirtualClock, type VirtualClock } from './clock.js'
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
}

export interface VirtualHostOptions {
  /** The network's own link where absent. */
  readonly link?: VirtualLink
  readonly disk?: WithoutWorld<VirtualDiskOptions>
  readonly hasher?: WithoutWorld<VirtualHasherOptions>
}

/** A machine of the world. */
export interface VirtualHost {
  readonly address: string
  /** What a session on it runs on. */
  readonly deps: SessionDeps
  readonly disk: VirtualDisk
}

/** One clock, one network, the trackers, and as many machines as wanted. */
export interface VirtualWorld {
  readonly clock: VirtualClock
  readonly network: VirtualNetwork
  readonly tracker: VirtualTracker
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
export const createVirtualWorld = ({ seed, network, tracker }: VirtualWorldOptions): VirtualWorld => {
  const seeds = createPrng(seed)
  const clock = createVirtualClock()
  const hosts = new Map<string, VirtualHost>()
  const virtualNetwork = createVirtualNetwork({ ...network, clock, seed: seeds.uint32() })
  const virtualTracker = createVirtualTracker({ ...tracker, clock, seed: seeds.uint32() })

  const makeHost = (address: string, options: VirtualHostOptions): VirtualHost => {
    const disk = createVirtualDisk({ ...options.disk, clock, seed: seeds.uint32() })
    return {
      address,
      disk,
      deps: {
        network: virtualNetwork.host(address, options.link),
        clock,
        openStorage: disk.openStorage,
        hasher: createVirtualHasher({ ...options.hasher, clock }),
        trackers: virtualTracker.client(address),
        random: createVirtualRandom(seeds.uint32()),
        resume: disk.resume.store,
      },
    }
  }

  return {
    clock,
    network: virtualNetwork,
    tracker: virtualTracker,
    host: (address, options = {}) => {
      const host = hosts.get(address) ?? makeHost(address, options)
      hosts.set(address, host)
      return host
    },
  }
}
