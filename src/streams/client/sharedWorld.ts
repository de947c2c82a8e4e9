import { MAX_ANNOUNCES_IN_FLIGHT } from '../../codecs/limits.js'
import type { SwarmNames } from '../../codecs/swarmHash.js'
import { DEFAULT_ENCRYPTION, refuseEncryption } from '../encryption/policy.js'
import type { SessionDeps, TrackerClient } from '../deps.js'
import { type Pulse, sharedPulse } from '../pulse.js'
import { limitTrackers } from '../tracker/limitTrackers.js'
import type { AddOptions, ClientDeps, ClientOptions } from './options.js'
import { sharedPort } from './sharedPort.js'
import { withDefaults } from './withDefaults.js'

/** What the sessions of a client have together. */
export interface SharedWorld {
  readonly pulse: Pulse
  readonly port: () => number | undefined
  /** The world as the session of that torrent sees it: its network does what there is to encrypt. */
  readonly depsOf: (names: SwarmNames, options: AddOptions) => SessionDeps
  /** Closes the port. */
  readonly close: () => void
}

export const sharedWorld = (
  deps: ClientDeps,
  options: ClientOptions & { readonly connections: number },
): SharedWorld => {
  const { clock } = deps
  refuseEncryption(options.encryption ?? DEFAULT_ENCRYPTION, deps.keyExchange)
  const pulse = sharedPulse(clock)
  const shared = sharedPort(deps, { port: options.port ?? 0, connections: options.connections })
  const limit = limitTrackers(MAX_ANNOUNCES_IN_FLIGHT)
  /** Most sessions have the same. */
  const known = new WeakMap<TrackerClient, TrackerClient>()
  const limited = (trackers: TrackerClient): TrackerClient => {
    const before = known.get(trackers)
    if (before !== undefined) return before
    const now = limit(trackers)
    known.set(trackers, now)
    return now
  }
  return {
    pulse,
    port: shared.port,
    depsOf: (names, addOptions) => {
      const { directory = options.directory, encryption = DEFAULT_ENCRYPTION } = withDefaults(
        options,
        addOptions,
      )
      refuseEncryption(encryption, deps.keyExchange)
      const { keyExchange: _, ...own } = deps.sessionDeps(directory)
      return {
        ...own,
        clock,
        network: shared.forInfohash(names, encryption),
        trackers: limited(own.trackers),
        pulse,
      }
    },
    close: shared.close,
  }
}
