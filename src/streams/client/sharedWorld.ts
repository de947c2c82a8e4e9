import { interval, type Observable, share } from 'rxjs'
import type { SessionDeps } from '../deps.js'
import { TICK_MS } from '../sessionLoop.js'
import { connectionBudget } from './connectionBudget.js'
import type { ClientDeps } from './options.js'
import { sharedPort } from './sharedPort.js'

/** What the sessions of a client have together. */
export interface SharedWorld {
  /** One timer, while anybody goes by it. */
  readonly tick$: Observable<unknown>
  readonly port: () => number | undefined
  /** The world as the session of that torrent sees it. */
  readonly depsOf: (infohash: Uint8Array, directory: string) => SessionDeps
  /** Closes the port. */
  readonly close: () => void
}

export const sharedWorld = (
  deps: ClientDeps,
  { port, connections }: { readonly port: number; readonly connections: number },
): SharedWorld => {
  const { clock } = deps
  const tick$ = interval(TICK_MS, clock).pipe(share())
  const shared = sharedPort(deps, port)
  const budget = connectionBudget(connections)
  return {
    tick$,
    port: shared.port,
    depsOf: (infohash, directory) => ({
      ...deps.sessionDeps(directory),
      clock,
      network: budget.over(shared.forInfohash(infohash)),
      tick$,
    }),
    close: shared.close,
  }
}
