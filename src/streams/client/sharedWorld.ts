import { MAX_ANNOUNCES_IN_FLIGHT } from '../../codecs/limits.js'
import type { SwarmNames } from '../../codecs/swarmHash.js'
import type { Pulse, SessionDeps, TrackerClient } from '../deps.js'
import { sharedPulse } from '../pulse.js'
import { limitTrackers } from '../tracker/limitTrackers.js'
import type { ClientDeps } from './options.js'
import { sharedPort } from './sharedPort.js'

/** What the sessions of a client have together. */
export interface SharedWorld {
  readonly pulse: Pulse
  readonly port: () => number | undefined
  /** The world as the session of that torrent sees it. */
  readonly depsOf: (names: SwarmNames, directory: string) => SessionDeps
  /** Closes the port. */
  readonly close: () => void
}

export const sharedWorld = (
  deps: ClientDeps,
  options: { readonly port: number; readonly connections: number },
): SharedWorld => {
  const { clock } = deps
  const pulse = sharedPulse(clock)
  const shared = sharedPort(deps, options)
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
    depsOf: (names, directory) => {
      const own = deps.sessionDeps(directory)
      return {
        ...own,
        clock,
        network: shared.forInfohash(names),
        trackers: limited(own.trackers),
        pulse,
      }
    },
    close: shared.close,
  }
}
