import type { SessionPhase } from '../session/state.js'

/** Names a session of a client: the infohash in hex. */
export type SessionKey = string

/**
 * Decides which of a client's queued sessions run: the others are paused. Pure; called when a session is added, removed,
 * finished or told something else by its user, and every few seconds. A session that its user does not want to run
 * is not run, whatever the answer; keys that are not in the context are nonsense, and the default answers.
 *
 * The answer is obeyed at once, so a policy that goes by what changes from second to second should favour who runs
 * already (`activeSince`).
 *
 * @example
 * ```ts
 * const smallestFirst: QueuePolicy = ({ sessions }) =>
 *   new Set(sessions.toSorted((a, b) => b.fraction - a.fraction).slice(0, 3).map(({ key }) => key))
 * ```
 */
export type QueuePolicy = (ctx: QueueContext) => ReadonlySet<SessionKey>

/** A view: it dies with the call. */
export interface QueueContext {
  /** Milliseconds of the client's clock, like all times here. */
  readonly now: number
  /**
   * The sessions that queue, those that wait and those that their users have paused among them. Who is not queued
   * (`setQueued`, `AddOptions.queued`) or is leaving is not there.
   */
  readonly sessions: ReadonlyArray<QueueEntry>
}

/** What a queue may know of a session. */
export interface QueueEntry {
  readonly key: SessionKey
  readonly phase: SessionPhase
  /** What the user wants; the queue decides only over those that are to run. Who is stopped is in no queue. */
  readonly desired: 'running' | 'paused'
  /** Share of the wanted bytes that it has: 1 for who has nothing more to download. */
  readonly fraction: number
  /** Payload bytes per second, smoothed. */
  readonly downRate: number
  readonly upRate: number
  /** As `shareRatio`: uploaded by downloaded, or by what it has where that is more, over the torrent's lifetime. */
  readonly ratio: number
  readonly addedAt: number
  /** Since when the queue lets it run; none while it waits. */
  readonly activeSince: number | undefined
  /** When payload last moved, either way; `addedAt` if never. */
  readonly movedAt: number
  /** In the swarm, as far as trackers and peers tell; ourselves not counted. */
  readonly seeds: number
  readonly leechers: number
}
