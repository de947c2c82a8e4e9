import { type Client, createClient } from '../client.js'
import type { ClientOptions } from '../client/options.js'
import type { SessionDeps } from '../deps.js'
import type { NodeDepsOptions } from './nodeDeps.js'
import { inOwnTurn } from './inOwnTurn.js'
import { keepTorrent, keptTorrent } from './keptTorrent.js'
import { nodeWorld } from './nodeWorld.js'
import { readTorrent } from './readTorrent.js'

export interface NodeClientOptions extends ClientOptions, Omit<NodeDepsOptions, 'directory'> {
  /**
   * Parts of the world to replace: a network, trackers, a storage of your own. Such a storage has nothing kept from run
   * to run but in a `resume` store beside it.
   */
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
  const worldOf = (directory: string): SessionDeps => nodeWorld({ ...options, directory })
  // Sessions in one folder share what there is of it: open files, and who has which.
  const common = worldOf(options.directory)
  return createClient(
    {
      clock: common.clock,
      network: common.network,
      ...(common.keyExchange === undefined ? {} : { keyExchange: common.keyExchange }),
      sessionDeps: (directory) =>
        directory === options.directory ? common : { ...worldOf(directory), trackers: common.trackers },
      readTorrent: (path) => readTorrent(path).pipe(inOwnTurn()),
      keptTorrents: { load: keptTorrent, save: keepTorrent },
    },
    options,
  )
}
