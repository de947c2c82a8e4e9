import type { Subscription } from 'rxjs'
import type { Metainfo } from '../../codecs/metainfoModel.js'
import type { Notice } from '../../operators/session/notice.js'
import type { SessionConfig } from '../../operators/session/model.js'
import type { SessionEvent } from '../../operators/session/event.js'
import type { SessionState } from '../../operators/session/state.js'
import { createSession, type Session } from '../session.js'
import type { SessionOptions } from '../sessionOptions.js'
import { layoutOf } from '../storageLayout.js'
import { createVirtualWorld, type VirtualHost, type VirtualHostOptions, type VirtualWorld } from './world.js'
import type { VirtualWorldOptions } from './world.js'

export interface SwarmOptions extends VirtualWorldOptions {
  readonly metainfo: Metainfo
  /** The torrent's stream, which the seeds have. */
  readonly content: Uint8Array
  readonly seeds: number
  readonly leechers: number
  /** Options of a member's session; members are counted from 0, seeds first. */
  readonly options?: (member: number) => SessionOptions
  readonly host?: (member: number) => VirtualHostOptions
  /** What a member has on disk instead; undefined for what it has by its part. */
  readonly contentOf?: (member: number) => Uint8Array | undefined
}

/** One session of a swarm, and all that it told. */
export interface SwarmMember {
  readonly host: VirtualHost
  readonly session: Session
  readonly subscription: Subscription
  readonly notices: ReadonlyArray<Notice>
  /** What its fold saw, ready for `replay`. */
  readonly log: ReadonlyArray<SessionEvent>
  readonly config: () => SessionConfig | undefined
  readonly state: () => SessionState | undefined
}

export interface Swarm {
  readonly world: VirtualWorld
  readonly members: ReadonlyArray<SwarmMember>
  /** Lets time pass until every member has everything, at most `limitMs`; answers whether it came to that. */
  readonly runUntilComplete: (limitMs: number) => boolean
  /** Ends every session at once. */
  readonly end: () => void
}

/**
 * A swarm in virtual time: seeds and leechers, each a whole session on a machine of its own, found through a tracker
 * (the torrent's first). The same seed gives the same story.
 *
 * @example
 * ```ts
 * const swarm = createSwarm({ seed: 1, metainfo, content, seeds: 2, leechers: 20 })
 * swarm.runUntilComplete(10 * 60_000)
 * ```
 */
export const createSwarm = (options: SwarmOptions): Swarm => {
  const { metainfo, content, seeds, leechers } = options
  const world = createVirtualWorld(options)
  const layout = layoutOf(metainfo)

  const join = (member: number): SwarmMember => {
    const address = `10.${String(member >> 8)}.${String(member & 255)}.1`
    const host = world.host(address, options.host?.(member))
    const bytes = options.contentOf?.(member) ?? (member < seeds ? content : undefined)
    if (bytes !== undefined) host.disk.preload(layout, bytes)
    const session = createSession(metainfo, host.deps, options.options?.(member))
    const notices: Notice[] = []
    const log: SessionEvent[] = []
    let state: SessionState | undefined
    let config: SessionConfig | undefined
    const rethrow = (thrown: unknown): void => {
      throw thrown
    }
    // The recorder first: it must not miss the event that starts the session.
    const subscription = session.event$.subscribe({ next: (event) => log.push(event), error: rethrow })
    subscription.add(session.config$.subscribe({ next: (next) => (config = next), error: rethrow }))
    subscription.add(session.alert$.subscribe({ next: (notice) => notices.push(notice), error: rethrow }))
    subscription.add(session.state$.subscribe({ next: (next) => (state = next), error: rethrow }))
    return { host, session, subscription, notices, log, config: () => config, state: () => state }
  }

  const members = Array.from({ length: seeds + leechers }, (_, member) => join(member))
  const isDone = (): boolean => members.every(({ state }) => state()?.progress.isComplete === true)
  return {
    world,
    members,
    runUntilComplete: (limitMs) => world.clock.run(isDone, limitMs),
    end: () => {
      for (const { subscription } of members) subscription.unsubscribe()
    },
  }
}
