import { type Client, createClient } from '../client.js'
import type { ClientOptions } from '../client/options.js'
import type { SessionDeps } from '../deps.js'
import type { HashPool } from './hashPool.js'
import { nodeDeps } from './nodeDeps.js'
import { readTorrent } from './readTorrent.js'

export interface NodeClientOptions extends ClientOptions {
  /** Workers that hash; one pool for the whole process where absent. */
  readonly hashPool?: HashPool
  /** Parts of the world to replace: a network, trackers, a storage of your own. */
  readonly deps?: Partial<SessionDeps>
}

/**
 * A client on this machine: many torrents on one port. See `Client` for what it promises; nothing is open before the
 * first `add`.
 *
 * @example
 * ```ts
 * const torrents = client({ directory: 'downloads', port: 6881 })
 * torrents.totals$.subscribe(({ down, up }) => console.log(down, up))
 * torrents.add('photos.torrent').subscribe((added) => {
 *   if (added._tag === 'Left') console.error(added.left._tag)
 * })
 * process.once('SIGINT', () => torrents.stop().subscribe())
 * ```
 */
export const client = (options: NodeClientOptions): Client => {
  const pool = options.hashPool === undefined ? {} : { hashPool: options.hashPool }
  const worldOf = (directory: string): SessionDeps => ({
    ...nodeDeps({ ...pool, directory }),
    ...options.deps,
  })
  // Sessions in one folder share what there is of it: open files, and who has which.
  const common = worldOf(options.directory)
  return createClient(
    {
      clock: common.clock,
      network: common.network,
      sessionDeps: (directory) =>
        directory === options.directory ? common : { ...worldOf(directory), trackers: common.trackers },
      readTorrent,
    },
    options,
  )
}
