import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { SessionDeps } from '../deps.js'
import { createSession, type Session, type SessionOptions } from '../session.js'
import { nodeDeps, type NodeDepsOptions } from './nodeDeps.js'

export interface NodeSessionOptions extends SessionOptions, NodeDepsOptions {
  /** Parts of the world to replace: a storage, a clock, a network of your own. */
  readonly deps?: Partial<SessionDeps>
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
  createSession(metainfo, { ...nodeDeps(options), ...options.deps }, options)
