import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { SessionDeps } from '../deps.js'
import { createSession, type Session } from '../session.js'
import type { SessionOptions } from '../sessionOptions.js'
import type { NodeDepsOptions } from './nodeDeps.js'
import { nodeWorld } from './nodeWorld.js'

export interface NodeSessionOptions extends SessionOptions, NodeDepsOptions {
  /** Parts of the world to replace: a storage, a clock, a network of your own. */
  readonly deps?: Partial<SessionDeps>
  /**
   * Whether what is known of the torrent is kept in the folder (`.rxtorrent`), so that the next start need not look at
   * every byte; true unless given. A storage of your own has none but from a `resume` store beside it.
   */
  readonly resume?: boolean
}

/**
 * A torrent being downloaded to, or seeded from, a folder: `createSession` over this machine. See `Session` for what
 * its streams promise; nothing happens before one of them is subscribed.
 *
 * Throws a `TypeError` for a torrent that has no v1 half, and nothing else.
 *
 * @example
 * ```ts
 * const torrent = session(metainfo, { directory: 'downloads' })
 * torrent.progress$.subscribe(({ fraction }) => console.log(`${(100 * fraction).toFixed(1)} %`))
 * torrent.complete$.subscribe(() => torrent.send({ _tag: 'Stop' }))
 * ```
 */
export const session = (metainfo: Metainfo, options: NodeSessionOptions): Session =>
  createSession(metainfo, nodeWorld(options), options)
