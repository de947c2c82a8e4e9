import type { Pulse, SessionDeps } from '../deps.js'
import { sharedPulse } from '../pulse.js'
import type { ClientDeps } from './options.js'
import { sharedPort } from './sharedPort.js'

/** What the sessions of a client have together. */
export interface SharedWorld {
  readonly pulse: Pulse
  readonly port: () => number | undefined
  /** The world as the session of that torrent sees it. */
  readonly depsOf: (infohash: Uint8Array, directory: string) => SessionDeps
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
  return {
    pulse,
    port: shared.port,
    depsOf: (infohash, directory) => ({
      ...deps.sessionDeps(directory),
      clock,
      network: shared.forInfohash(infohash),
      pulse,
    }),
    close: shared.close,
  }
}
